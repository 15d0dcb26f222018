import { decodeException, encodeException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { sendAsJson } from './carriers.ts'

describe('thrown values that are no errors', () => {
  test.each<[unknown]>([
    [undefined],
    [null],
    [0],
    [-0],
    [Number.NaN],
    [''],
    ['a string'],
    ['\ud800'],
    [true],
    [10n ** 30n],
    [[1, { a: undefined }]],
    [{ code: 1, message: 'like an error', stack: 'but none' }],
    [new Map([[1, 2]])],
    [new Date(0)],
    [Object.create(null)],
  ])('arrive as themselves: %o', (thrown) => {
    expect(sendAsJson(thrown)).toStrictEqual(thrown)
  })

  test('a frozen object arrives', () => {
    expect(sendAsJson(Object.freeze({ a: Object.freeze([1]) }))).toEqual({ a: [1] })
  })

  test('errors inside a thrown list are errors', () => {
    const arrived = sendAsJson([new TypeError('a'), new RangeError('b')])
    if (!Array.isArray(arrived)) throw new Error('no list')
    expect(arrived[0]).toBeInstanceOf(TypeError)
    expect(arrived[1]).toBeInstanceOf(RangeError)
  })
})

test('every decoding makes a new error', () => {
  const data = encodeException(new Error('x', { cause: new Error('y') }))
  const [first, second] = [decodeException(data), decodeException(data)]
  expect(first).not.toBe(second)
  expect(Object(first).cause).not.toBe(Object(second).cause)
})
