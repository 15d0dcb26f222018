import {
  decodeException,
  isMalformedExceptionError,
  isRemoteException,
} from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { dataWith, decodeError, entry } from './raw-data.ts'

test('the smallest data there is makes an error', () => {
  const decoded = decodeError({
    exception: 1,
    origin: 'a program in Python (pid 7)',
    thrown: ['error', 0],
    errors: [{ classes: ['ValueError'], message: 'too large' }],
    objects: [],
  })
  expect(decoded).toMatchObject({ name: 'ValueError', message: 'too large' })
  expect(decoded.stack).toBe('ValueError: too large\n    in a program in Python (pid 7)')
})

describe('malformed data gives an error that says what is wrong', () => {
  test.each<[unknown, string]>([
    [undefined, 'it is no object'],
    [null, 'it is no object'],
    ['text', 'it is no object'],
    [[], 'it is no object'],
    [{}, 'it is no exception data of this version'],
    [dataWith({ exception: 2 }), 'it is no exception data of this version'],
    [Object.create(Object(dataWith({}))), 'it is no exception data of this version'],
    [dataWith({ origin: 5 }), 'the origin is no text'],
    [dataWith({ errors: {} }), 'the list of errors is no list'],
    [dataWith({ objects: null }), 'the list of objects is no list'],
    [dataWith({ thrown: undefined }), 'a value is no list'],
    [dataWith({ thrown: {} }), 'a value is no list'],
    [dataWith({ thrown: [] }), 'a value is of an unknown kind'],
    [dataWith({ thrown: ['regexp', '(a+)+'] }), 'a value is of an unknown kind'],
    [dataWith({ thrown: ['error', 1] }), 'a reference leads nowhere'],
    [dataWith({ thrown: ['error', -1] }), 'a reference leads nowhere'],
    [dataWith({ thrown: ['error', 'length'] }), 'a reference leads nowhere'],
    [dataWith({ thrown: ['error', '0'] }), 'a reference leads nowhere'],
    [dataWith({ thrown: ['error', 0.5] }), 'a reference leads nowhere'],
    [dataWith({ thrown: ['object', 0] }), 'a reference leads nowhere'],
    [dataWith({ thrown: ['number', '7'] }), 'a value is no number'],
    [dataWith({ thrown: ['bigint', '0x1; process.exit()'] }), 'a value is no bigint'],
    [dataWith({ thrown: ['bigint', ''] }), 'a value is no bigint'],
    [dataWith({ thrown: ['bytes', 'Function', ''] }), 'a value is no binary data'],
    [dataWith({ thrown: ['bytes', 'Float64Array', 'AAAA'] }), 'a value is no binary data'],
    [dataWith({ thrown: ['bytes', '__proto__', ''] }), 'a value is no binary data'],
    [dataWith({ thrown: ['text', '[1]'] }), 'a value is no text'],
    [dataWith({ thrown: ['text', '"'] }), 'a value is no text'],
    [dataWith({ errors: [null] }), 'an error is no object'],
    [dataWith({ errors: [{}] }), 'the classes of an error is no list'],
    [dataWith({ errors: [{ classes: [1] }] }), 'the classes of an error is no text'],
    [dataWith({ errors: [{ ...entry, name: {} }] }), 'the name of an error is no text'],
    [dataWith({ errors: [{ ...entry, message: 5 }] }), 'the message of an error is no text'],
    [dataWith({ errors: [{ ...entry, stack: [] }] }), 'the stack of an error is no text'],
    [dataWith({ errors: [{ ...entry, fields: {} }] }), 'the fields of an error is no list'],
    [dataWith({ errors: [{ ...entry, fields: ['ab'] }] }), 'a field is no list'],
    [dataWith({ errors: [{ ...entry, fields: [[1, 2]] }] }), 'the name of a field is no text'],
    [dataWith({ errors: [{ ...entry, cause: {} }] }), 'a value is no list'],
    [
      dataWith({ thrown: ['object', 0], objects: [{ kind: 'f', items: [] }] }),
      'an object is of an unknown kind',
    ],
    [
      dataWith({ thrown: ['object', 0], objects: [{ kind: 'map', items: [1] }] }),
      'a key has no value',
    ],
    [
      dataWith({ thrown: ['object', 0], objects: [{ kind: 'object', items: [1, 2] }] }),
      'a key is no text',
    ],
  ])('%j', (data, reason) => {
    const decoded = decodeException(data)
    expect(isMalformedExceptionError(decoded)).toBe(true)
    expect(decoded).toMatchObject({
      name: 'MalformedExceptionError',
      code: 'MALFORMED_EXCEPTION',
      reason,
      message: `an exception arrived as malformed data: ${reason}`,
    })
    expect(isRemoteException(decoded)).toBe(false)
  })

  test('data that cannot even be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const decoded = decodeException(proxy)
    expect(decoded).toMatchObject({ reason: 'it cannot be read' })
    expect(Object(decoded).cause).toBeInstanceOf(TypeError)
  })
})
