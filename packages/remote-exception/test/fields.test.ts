import { encodeException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { sendError } from './carriers.ts'

function sendField(value: unknown): unknown {
  return Reflect.get(sendError(Object.assign(new Error('x'), { value })), 'value')
}

describe('fields', () => {
  test.each<[string, unknown]>([
    ['a string', 'text'],
    ['lone surrogates', '\ud800 \\ " \udfff'],
    ['an emoji', '😀'],
    ['undefined', undefined],
    ['null', null],
    ['negative zero', -0],
    ['NaN', Number.NaN],
    ['infinity', -Infinity],
    ['the largest number', Number.MAX_VALUE],
    ['a large integer', 2 ** 53 + 2],
    ['a bigint', 12_345_678_901_234_567_890n],
    ['a negative bigint', -(2n ** 200n)],
    ['a date', new Date(-1.5e12)],
    ['a map', new Map<unknown, unknown>([[{ key: 1 }, new Map([[Number.NaN, undefined]])]])],
    [
      'a map with falsy keys',
      new Map<unknown, unknown>([
        [null, null],
        [0, 0],
        ['', ''],
        [false, 1],
      ]),
    ],
    ['a set', new Set([1, 'a', new Set()])],
    ['an array', [1, [], [undefined, null]]],
    // oxlint-disable-next-line no-sparse-arrays
    ['a sparse array', [, 1, , 2, ,]],
    ['an object', { a: { b: {} }, c: undefined }],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 })],
    ['what looks like a mark of the format', ['error', 0]],
    ['what looks like an entry of the format', { kind: 'array', items: [['object', 0]] }],
    ['an own __proto__', JSON.parse('{"__proto__":{"polluted":1},"constructor":2}')],
    ['lone surrogates in a key', { '\udfff': 1 }],
    ['a Buffer', Buffer.from([0, 1, 255])],
    ['a Uint8Array', new Uint8Array([1, 2, 3]).subarray(1)],
    ['a Float64Array', new Float64Array([Number.NaN, -0, 1e300])],
    ['a BigInt64Array', new BigInt64Array([-1n])],
    ['an ArrayBuffer', new Uint8Array([7, 8]).buffer],
    ['a DataView', new DataView(new Uint8Array([7, 8, 9]).buffer, 1)],
  ])('%s arrives as it was', (_, value) => {
    expect(sendField(value)).toStrictEqual(value)
  })

  test('an invalid date arrives as one', () => {
    expect(sendField(new Date(Number.NaN))).toEqual(new Date(Number.NaN))
  })

  test('binary data gets memory of its own', () => {
    const arrived = sendField(Buffer.from('abc'))
    if (!Buffer.isBuffer(arrived)) throw new Error('no Buffer')
    expect(arrived.buffer.byteLength).toBe(3)
  })

  test('an object that is referred to twice arrives once, and cycles stay', () => {
    const shared: { self?: unknown } = {}
    shared.self = shared
    const list: unknown[] = [shared, shared]
    list.push(list, new Map<unknown, unknown>([[shared, list]]), new Set([list]))
    expect(sendField(list)).toStrictEqual(list)
  })

  test('an error in a field is an error, and the same one as elsewhere', () => {
    const inner = new TypeError('inner')
    const sent = Object.assign(new Error('outer', { cause: inner }), { all: [{ inner }] })
    const arrived = sendError(sent)
    expect(arrived.cause).toBeInstanceOf(TypeError)
    expect(Reflect.get(arrived, 'all')[0].inner).toBe(arrived.cause)
  })

  test('an instance of a class arrives as what its toJSON gives, or as its fields', () => {
    class Money {
      readonly #currency = 'EUR'
      readonly amount = 5
      get currency() {
        return this.#currency
      }
    }
    expect(sendField(new URL('http://a/b?c'))).toBe('http://a/b?c')
    expect(sendField(new Money())).toStrictEqual({ amount: 5 })
    expect(sendField({ toJSON: 5, a: 1 })).toStrictEqual({ toJSON: 5, a: 1 })
    expect(sendField([Object(1), Object('s'), Object(true)])).toStrictEqual([1, 's', true])
  })

  test('a RegExp arrives as its text, so that nobody sends patterns to run', () => {
    expect(sendField(/a+/gi)).toBe('/a+/gi')
  })

  test('own fields cannot take the place of methods or of what errors have', () => {
    const sent = new Error('x')
    const evil = JSON.parse(
      '{"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":4,"ok":5}',
    )
    for (const key of Object.keys(evil)) {
      Object.defineProperty(sent, key, { value: evil[key], enumerable: true })
    }
    expect(encodeException(sent).errors[0]?.dropped).toEqual([
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ])
    const arrived = sendError(sent)
    expect(Object.entries(arrived)).toEqual([['ok', 5]])
    expect(String(arrived)).toBe('Error: x')
    expect(Object.getPrototypeOf(arrived)).toBe(Error.prototype)
  })
})
