import { strictEqual } from 'node:assert'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { types } from 'node:util'
import { runInNewContext } from 'node:vm'
import { decodeException, encodeException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { carriers, findUnplain, sendAsJson, sendError } from './carriers.ts'

class UnregisteredError extends RangeError {
  override readonly name = 'UnregisteredError'
  readonly limit = 5
}

function OldError(this: { message: string }) {
  this.message = 'old'
}
OldError.prototype = Object.create(Error.prototype, { constructor: { value: OldError } })

function caught(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function ownNames(value: object): string[] {
  return Object.getOwnPropertyNames(value).toSorted()
}

describe.each(carriers)('carried by %s', (_, carry) => {
  const send = (thrown: unknown) => decodeException(carry(encodeException(thrown)))

  test.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])(
    'a built-in error arrives as its class: %o',
    (Class) => {
      const sent = new Class('what happened')
      const arrived = send(sent)
      expect(arrived).toBeInstanceOf(Class)
      expect(arrived).not.toBe(sent)
      expect(Object.getPrototypeOf(arrived)).toBe(Class.prototype)
      expect(types.isNativeError(arrived)).toBe(true)
      expect(arrived).toMatchObject({ name: Class.name, message: 'what happened' })
      expect(Object.keys(Object(arrived))).toEqual([])
    },
  )

  test('the data arrives unchanged', () => {
    const sent = Object.assign(new Error('x\ud800', { cause: undefined }), {
      ['y\udfff']: ['\ud800', -0, Number.NaN, 1n, new Map([[{}, new Set([new Date(5)])]])],
    })
    const data = encodeException(sent)
    expect(carry(data)).toStrictEqual(data)
    expect(findUnplain(data)).toBe(undefined)
  })
})

test('message, stack, cause and name are not enumerable, as in native errors', () => {
  const arrived = sendError(new UnregisteredError('too many', { cause: 'it' }))
  expect(ownNames(arrived)).toEqual(['cause', 'limit', 'message', 'name', 'stack'])
  expect(Object.keys(arrived)).toEqual(['limit'])
  for (const name of ['cause', 'message', 'name', 'stack']) {
    expect(Object.getOwnPropertyDescriptor(arrived, name)).toMatchObject({
      writable: true,
      enumerable: false,
      configurable: true,
    })
  }
})

test('an error without a message of its own arrives without one', () => {
  const arrived = sendError(new Error())
  expect(Object.hasOwn(arrived, 'message')).toBe(false)
  expect(arrived.message).toBe('')
  expect(Object.hasOwn(sendError(new Error('')), 'message')).toBe(true)
})

test('an unregistered class arrives as its nearest known ancestor and keeps its name', () => {
  const arrived = sendError(new UnregisteredError('too many'))
  expect(arrived).not.toBeInstanceOf(UnregisteredError)
  expect(arrived).toBeInstanceOf(RangeError)
  expect(arrived).toMatchObject({ name: 'UnregisteredError', message: 'too many', limit: 5 })
  expect(String(arrived)).toBe('UnregisteredError: too many')
})

test('a name that was never set stays the inherited one', () => {
  class Silent extends TypeError {}
  const arrived = sendError(new Silent('x'))
  expect(arrived.name).toBe('TypeError')
  expect(Object.hasOwn(arrived, 'name')).toBe(false)
})

test('the classes go along by name, from the own one to Error', () => {
  class Base extends RangeError {}
  class Derived extends Base {}
  expect(encodeException(new Derived('x')).errors[0]?.classes).toEqual([
    'Derived',
    'Base',
    'RangeError',
    'Error',
  ])
})

test('an AggregateError keeps its errors, whatever they are', () => {
  const shared = new TypeError('a')
  const sent = new AggregateError([shared, 5, undefined, shared, new AggregateError([])], 'several')
  const arrived = sendAsJson(sent)
  if (!(arrived instanceof AggregateError)) throw new Error('no AggregateError')
  expect(arrived.message).toBe('several')
  expect(Object.keys(arrived)).toEqual([])
  expect(arrived.errors).toHaveLength(5)
  expect(arrived.errors[0]).toBeInstanceOf(TypeError)
  expect(arrived.errors[3]).toBe(arrived.errors[0])
  expect(arrived.errors.slice(1, 3)).toEqual([5, undefined])
  expect(arrived.errors[4]).toBeInstanceOf(AggregateError)
  expect(arrived.errors[4].errors).toEqual([])
})

test('an enumerable field called errors stays a field', () => {
  const arrived = sendError(Object.assign(new Error('invalid'), { errors: { name: 'too long' } }))
  expect(Object.entries(arrived)).toEqual([['errors', { name: 'too long' }]])
})

test('a DOMException keeps name, code and cause', () => {
  const arrived = sendAsJson(new DOMException('gone', { name: 'AbortError', cause: 7 }))
  if (!(arrived instanceof DOMException)) throw new Error('no DOMException')
  expect(arrived).toMatchObject({ name: 'AbortError', code: 20, message: 'gone', cause: 7 })
  expect(ownNames(arrived)).toEqual(['cause', 'stack'])
  expect(arrived.stack?.split('\n')[0]).toBe('AbortError: gone')
})

test('the reason of an aborted signal arrives as itself', () => {
  expect(sendError(AbortSignal.abort().reason)).toMatchObject({
    name: 'AbortError',
    message: 'This operation was aborted',
    code: 20,
  })
})

test('a system error keeps code, errno, syscall and path', () => {
  const arrived = sendError(caught(() => readFileSync('/does/not/exist')))
  expect(Object.entries(arrived)).toEqual([
    ['errno', -2],
    ['code', 'ENOENT'],
    ['syscall', 'open'],
    ['path', '/does/not/exist'],
  ])
})

test('a network error keeps address and port', async () => {
  const sent = await new Promise((resolve) => {
    connect(1, '127.0.0.1').on('error', resolve)
  })
  expect(Object.entries(sendError(sent))).toEqual(Object.entries(Object(sent)))
  expect(sendError(sent)).toMatchObject({ syscall: 'connect', address: '127.0.0.1', port: 1 })
})

test('a system error whose fields are getters keeps them', () => {
  const arrived = sendError(caught(() => setPriority(2 ** 30, 1)))
  expect(arrived).toMatchObject({
    name: 'SystemError',
    code: 'ERR_SYSTEM_ERROR',
    errno: -3,
    syscall: 'uv_os_setpriority',
    info: { errno: -3, code: 'ESRCH', message: 'no such process', syscall: 'uv_os_setpriority' },
  })
})

test('an internal error of Node.js keeps its code and its printed form', () => {
  const sent = caught(() => Buffer.alloc(-1))
  const arrived = sendError(sent)
  expect(arrived).toBeInstanceOf(RangeError)
  expect(arrived).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
  expect(String(arrived)).toBe(String(sent))
  expect(String(arrived)).toMatch(/^RangeError \[ERR_OUT_OF_RANGE\]: The value of "size"/)
  expect(Object.keys(arrived)).toEqual(['code'])
})

test('an AssertionError arrives as its class', () => {
  const sent = caught(() => strictEqual(1, 2))
  const arrived = sendError(sent)
  expect(Object.getPrototypeOf(arrived)).toBe(Object.getPrototypeOf(sent))
  expect(arrived).toMatchObject({
    name: 'AssertionError',
    code: 'ERR_ASSERTION',
    actual: 1,
    expected: 2,
    operator: 'strictEqual',
  })
  expect(String(arrived)).toBe(String(sent))
})

test('an error of another realm arrives as the class of this one', () => {
  const arrived = sendError(runInNewContext('new TypeError("far", { cause: { a: [1] } })'))
  expect(Object.getPrototypeOf(arrived)).toBe(TypeError.prototype)
  expect(arrived).toMatchObject({ message: 'far', cause: { a: [1] } })
})

test('an error of the old kind, made without the constructor of Error, arrives', () => {
  const arrived = sendError(Reflect.construct(OldError, []))
  expect(arrived.message).toBe('old')
  expect(Object.keys(arrived)).toEqual([])
  expect(types.isNativeError(arrived)).toBe(true)
})
