import { isMpserviceError, NotImportableError, TimeoutError } from '@mpservice/contract'
import {
  createCodec,
  DecodeError,
  EncodeError,
  ExtensionTakenError,
  FrameTooLargeError,
  isDecodeError,
  isEncodeError,
  isExtensionTakenError,
  isFrameTooLargeError,
  isProtocolError,
  ProtocolError,
} from '@mpservice/wire'
import { describe, expect, test } from 'vitest'

const cause = new Error('the cause')
const other = { type: 1, className: 'Other' }
const errors = [
  {
    error: new EncodeError('$.a is a function', { path: '$.a', kind: 'function' }, { cause }),
    is: isEncodeError,
    name: 'EncodeError',
    fields: { code: 'ENCODE', path: '$.a', kind: 'function' },
    message: '$.a is a function',
  },
  {
    error: new DecodeError('byte 0xc1 begins no value', { offset: 3 }, { cause }),
    is: isDecodeError,
    name: 'DecodeError',
    fields: { code: 'DECODE', offset: 3 },
    message: 'bytes cannot be decoded: byte 0xc1 begins no value at offset 3',
  },
  {
    error: new FrameTooLargeError({ bytes: 11, maxFrameBytes: 10 }, { cause }),
    is: isFrameTooLargeError,
    name: 'FrameTooLargeError',
    fields: { code: 'FRAME_TOO_LARGE', bytes: 11, maxFrameBytes: 10 },
    message: 'a frame of 11 bytes or more is over the limit of 10 bytes',
  },
  {
    error: new ProtocolError('an answer came to no question', { cause }),
    is: isProtocolError,
    name: 'ProtocolError',
    fields: { code: 'PROTOCOL' },
    message: 'an answer came to no question',
  },
  {
    error: new ExtensionTakenError({ type: 2, className: 'This', by: other }, { cause }),
    is: isExtensionTakenError,
    name: 'ExtensionTakenError',
    fields: { code: 'EXTENSION_TAKEN', type: 2 },
    message: 'extension 2 for class This is taken: extension 1 is registered for class Other',
  },
]

describe.each(errors)('$name', ({ error, is, name, fields, message }) => {
  test('has a name, a code, its facts, a message and a cause', () => {
    expect(error.name).toBe(name)
    expect(fieldsOf(error)).toEqual(fields)
    expect(error.message).toBe(message)
    expect(error.cause).toBe(cause)
  })

  test('is known to its guard and to no other', () => {
    const guards = errors.map((one) => one.is)
    expect(guards.filter((guard) => guard(error))).toEqual([is])
    expect(isMpserviceError(error)).toBe(true)
    expect(is({ ...fields, name, message })).toBe(false)
  })

  test.each(['child', 'remote'] as const)(
    'arrives from a %s as an instance of its class',
    (peer) => {
      const codec = createCodec({ peer })
      const decoded = codec.decode(codec.encode(error))
      expect(decoded).toBeInstanceOf(error.constructor)
      expect(fieldsOf(decoded)).toEqual(fields)
      expect(decoded).toMatchObject({ name, message, cause: { message: 'the cause' } })
    },
  )
})

test('errors of the contract arrive as instances of their classes', () => {
  const codec = createCodec({ peer: 'child' })
  const timeout = new TimeoutError({ phase: 'total', elapsedMs: 2, timeoutMs: 1 })
  const notImportable = new NotImportableError('it is not exported', { target: 'work' })
  const [first, second] = Object(codec.decode(codec.encode([timeout, notImportable])))
  expect(first).toBeInstanceOf(TimeoutError)
  expect(fieldsOf(first)).toEqual(fieldsOf(timeout))
  expect(second).toBeInstanceOf(NotImportableError)
  expect(fieldsOf(second)).toEqual(fieldsOf(notImportable))
})

function fieldsOf(error: unknown): object {
  return Object.fromEntries(Object.entries(Object(error)))
}
