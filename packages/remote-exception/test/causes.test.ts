import { encodeException, getRemoteTraceback } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { sendError } from './carriers.ts'

describe('causes', () => {
  test('a chain of causes is kept', () => {
    const inner = new TypeError('inner', { cause: { reason: 'deepest' } })
    const middle = new RangeError('middle', { cause: inner })
    const arrived = sendError(new Error('outer', { cause: middle }))
    expect(arrived.cause).toBeInstanceOf(RangeError)
    expect(arrived).toMatchObject({
      message: 'outer',
      cause: { message: 'middle', cause: { message: 'inner', cause: { reason: 'deepest' } } },
    })
  })

  test.each([[0], [false], [''], [null], [undefined], [Number.NaN], [0n]])(
    'a falsy cause is a cause: %o',
    (cause) => {
      const arrived = sendError(new Error('x', { cause }))
      expect(Object.getOwnPropertyDescriptor(arrived, 'cause')).toEqual({
        value: cause,
        writable: true,
        enumerable: false,
        configurable: true,
      })
    },
  )

  test('only the thrown error itself gets a traceback for a cause', () => {
    const arrived = sendError(new Error('outer', { cause: new Error('inner') }))
    expect(arrived.cause).toMatchObject({ message: 'inner' })
    expect(Object.hasOwn(Object(arrived.cause), 'cause')).toBe(false)
    expect(getRemoteTraceback(arrived.cause)).toMatch(/^Error: inner\n.*\n {4}in /s)
  })

  test('a cyclic cause stays cyclic', () => {
    const sent = new Error('a')
    sent.cause = new Error('b', { cause: sent })
    const arrived = sendError(sent)
    expect(arrived.cause).toMatchObject({ message: 'b' })
    expect(Object(arrived.cause).cause).toBe(arrived)
    const own = new Error('self')
    own.cause = own
    const arrivedOwn = sendError(own)
    expect(arrivedOwn.cause).toBe(arrivedOwn)
  })

  test('a cause that the class computes arrives as an own one', () => {
    class Computing extends Error {
      get why() {
        return 1
      }
    }
    Object.defineProperty(Computing.prototype, 'cause', { get: () => 'computed' })
    expect(sendError(new Computing('x')).cause).toBe('computed')
  })

  test('a method called cause is no cause', () => {
    class Verbose extends Error {}
    Object.defineProperty(Verbose.prototype, 'cause', { value: () => 'no' })
    expect(encodeException(new Verbose('x')).errors[0]).not.toHaveProperty('cause')
  })
})
