import {
  getRemoteTraceback,
  isRemoteTraceback,
  registerException,
  RemoteException,
} from '@mpservice/remote-exception'
import { createCodec } from '@mpservice/wire'
import { describe, expect, test } from 'vitest'

class QuotaError extends Error {
  limit = 0
  details: unknown
}
registerException(QuotaError)

describe.each(['child', 'remote'] as const)('for a %s peer', (peer) => {
  const codec = createCodec({ peer, origin: 'the test' })

  test('an error is a value like others, wherever it is', () => {
    const errors = [new RangeError('one'), { key: [{ deep: new TypeError('two') }] }]
    const [first, second] = list(codec.decode(codec.encode(errors)))
    expect(first).toBeInstanceOf(RangeError)
    expect(first).toMatchObject({ name: 'RangeError', message: 'one' })
    const { deep } = Object(second).key[0]
    expect(deep).toBeInstanceOf(TypeError)
    expect(getRemoteTraceback(deep)?.endsWith('in the test')).toBe(true)
    expect(isRemoteTraceback(deep.cause)).toBe(true)
  })

  test('an error keeps its class, fields and causes', () => {
    const cause = new AggregateError([new SyntaxError('inner')], 'all failed')
    const error = Object.assign(new QuotaError('too much', { cause }), {
      limit: 5,
      details: new Map([['used', 6n]]),
    })
    const decoded = codec.decode(codec.encode({ error }))
    const { error: arrived } = Object(decoded)
    expect(arrived).toBeInstanceOf(QuotaError)
    expect({ ...arrived }).toEqual({ limit: 5, details: new Map([['used', 6n]]) })
    expect(arrived.cause).toBeInstanceOf(AggregateError)
    expect(arrived.cause.errors[0]).toBeInstanceOf(SyntaxError)
  })

  test('what an error has that cannot be carried does not keep the rest', () => {
    const error = Object.assign(new Error('kept'), { callback: () => {}, n: 1 })
    const decoded = codec.decode(codec.encode([error]))
    const [arrived] = list(decoded)
    expect(arrived).toMatchObject({ message: 'kept', n: 1 })
    expect(Object.keys(Object(arrived))).toEqual(['n'])
  })

  test('a RemoteException arrives as a RemoteException, with whatever it wraps', () => {
    const wrappers = [new RemoteException(new TypeError('thrown')), new RemoteException('a string')]
    const [first, second] = list(codec.decode(codec.encode(wrappers)))
    expect(first).toBeInstanceOf(RemoteException)
    expect(Object(first).error).toBeInstanceOf(TypeError)
    expect(second).toStrictEqual(new RemoteException('a string'))
  })

  test('data that is no exception is an error that says so', () => {
    const decoded = codec.decode(Buffer.of(0xd4, 0x65, 0xc0))
    expect(decoded).toMatchObject({ name: 'MalformedExceptionError' })
  })

  test('errors with cycles are carried', () => {
    const error: Error & { self?: unknown } = new Error('cyclic')
    error.self = error
    error.cause = error
    const arrived = Object(codec.decode(codec.encode(error)))
    expect(arrived.self).toBe(arrived)
    expect(arrived.cause).toBe(arrived)
  })
})

test('an error that is mentioned twice arrives as one at a child', () => {
  const codec = createCodec({ peer: 'child' })
  const error = new Error('once')
  const [first, second, inner] = list(codec.decode(codec.encode([error, error, { error }])))
  expect(first).toBe(second)
  expect(Object(inner).error).toBe(first)
})

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : expect.unreachable('it is no array')
}
