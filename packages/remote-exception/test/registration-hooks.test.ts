import { decodeException, encodeException, registerException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { sendAsJson } from './carriers.ts'

function boom(): never {
  throw new Error('boom')
}

describe('hooks', () => {
  class SecretError extends Error {
    readonly #secret: unknown
    constructor(secret: unknown, message = `holds ${String(secret)}`) {
      super(message)
      this.#secret = secret
    }
    get secret(): unknown {
      return this.#secret
    }
  }

  function sendSecret(secret: unknown, cause?: unknown): unknown {
    const sent = Object.assign(new SecretError(secret), { field: 1 })
    if (cause !== undefined) sent.cause = cause
    return sendAsJson(sent)
  }

  test('carry private state', () => {
    registerException(SecretError, {
      encode: ({ secret }) => ({ secret }),
      decode: (state, message) => new SecretError(Object(state).secret, message),
    })
    const arrived = sendSecret(7n, 'why')
    if (!(arrived instanceof SecretError)) throw new Error('another class')
    expect(arrived.secret).toBe(7n)
    expect(arrived).toMatchObject({ message: 'holds 7', field: 1, cause: 'why' })
    expect(arrived.stack?.split('\n').at(-1)).toBe(`    in process ${process.pid}`)
    expect(Object.keys(arrived)).toEqual(['field'])
  })

  test('may hold errors and other values in the state', () => {
    const inner = new RangeError('inner')
    const arrived = sendSecret(inner, inner)
    if (!(arrived instanceof SecretError)) throw new Error('another class')
    expect(arrived.secret).toBeInstanceOf(RangeError)
    expect(arrived.cause).toBe(arrived.secret)
  })

  test('that throw are survived', () => {
    registerException(SecretError, { encode: boom, decode: boom })
    const data = encodeException(new SecretError(1))
    expect(data.errors[0]?.dropped).toEqual(['(state)'])
    expect(decodeException(data)).toBeInstanceOf(SecretError)
    registerException(SecretError, { encode: () => 1, decode: boom })
    expect(sendSecret(1)).toMatchObject({ message: 'holds 1', field: 1 })
    expect(sendSecret(1)).toBeInstanceOf(SecretError)
  })

  test.each<[string, () => unknown]>([
    ['no error', () => ({ message: 'x' })],
    ['a proxy', () => new Proxy(new SecretError(1), {})],
    ['an error that has been given before', () => given],
  ])('that give %s are passed over', (_, decode) => {
    const options = { encode: () => 1, decode }
    Reflect.apply(registerException, undefined, [SecretError, options])
    const first = sendSecret(1)
    const second = sendSecret(1)
    expect(second).toBeInstanceOf(SecretError)
    expect(second).not.toBe(first)
    expect(second).toMatchObject({ message: 'holds 1', field: 1 })
  })
  const given = new SecretError('one for all')

  test('a state that cannot be carried, or refers to its own error, does no harm', () => {
    registerException(SecretError, {
      encode: ({ secret }) => secret,
      decode: (state) => new SecretError(state),
    })
    expect(encodeException(new SecretError(() => 1)).errors[0]?.dropped).toEqual(['(state)'])
    const holder: { all?: unknown[] } = {}
    const sent = new SecretError(holder, 'circular')
    holder.all = [sent, sent]
    const arrived = sendAsJson(sent)
    if (!(arrived instanceof SecretError)) throw new Error('another class')
    expect(arrived).toMatchObject({
      message: 'circular',
      secret: { all: [{ code: 'NOT_CARRIED' }, { code: 'NOT_CARRIED' }] },
    })
  })

  test('state goes through a place that does not know the class', () => {
    class FarError extends SecretError {}
    registerException(FarError, {
      encode: ({ secret }) => secret,
      decode: (state) => new FarError(state),
    })
    const text = JSON.stringify(encodeException(new FarError('kept'))).replaceAll(
      'FarError',
      'Unknown',
    )
    const between = decodeException(JSON.parse(text))
    expect(between).toBeInstanceOf(SecretError)
    const onwards = JSON.stringify(encodeException(between)).replaceAll('Unknown', 'FarError')
    const arrived = decodeException(JSON.parse(onwards))
    if (!(arrived instanceof FarError)) throw new Error('another class')
    expect(arrived.secret).toBe('kept')
  })
})
