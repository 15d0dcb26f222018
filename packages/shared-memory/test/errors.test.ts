import { isMpserviceError } from '@mpservice/contract'
import { decodeException, encodeException } from '@mpservice/remote-exception'
import {
  isRecordTooLargeError,
  isRingCorruptedError,
  isSharedMemoryClosedError,
  isSharedMemoryDeniedError,
  isSharedMemoryExistsError,
  isSharedMemoryHandleError,
  isSharedMemoryMismatchError,
  isSharedMemoryNameError,
  isSharedMemoryNotFoundError,
  isSharedMemorySystemError,
  isSharedMemoryTooSmallError,
  isSharedMemoryUnavailableError,
  isUnsafePathError,
  RecordTooLargeError,
  RingCorruptedError,
  SharedMemoryClosedError,
  SharedMemoryDeniedError,
  SharedMemoryExistsError,
  SharedMemoryHandleError,
  SharedMemoryMismatchError,
  SharedMemoryNameError,
  SharedMemoryNotFoundError,
  SharedMemorySystemError,
  SharedMemoryTooSmallError,
  SharedMemoryUnavailableError,
  UnsafePathError,
} from '@mpservice/shared-memory'
import { describe, expect, test } from 'vitest'

const cases = [
  {
    error: new SharedMemoryUnavailableError('for a reason', { reason: 'unsupported' }),
    guard: isSharedMemoryUnavailableError,
    code: 'SHARED_MEMORY_UNAVAILABLE',
    message: 'memory cannot be shared between processes: for a reason',
    facts: { reason: 'unsupported' },
  },
  {
    error: new SharedMemoryNotFoundError({ block: 'a' }),
    guard: isSharedMemoryNotFoundError,
    code: 'SHARED_MEMORY_NOT_FOUND',
    message: "no process of this user holds a block of shared memory 'a'",
    facts: { block: 'a' },
  },
  {
    error: new SharedMemoryExistsError({ block: 'a' }),
    guard: isSharedMemoryExistsError,
    code: 'SHARED_MEMORY_EXISTS',
    message: "a block of shared memory 'a' exists",
    facts: { block: 'a' },
  },
  {
    error: new SharedMemoryClosedError({ block: 'a' }),
    guard: isSharedMemoryClosedError,
    code: 'SHARED_MEMORY_CLOSED',
    message: "the block of shared memory 'a' is closed in this process",
    facts: { block: 'a' },
  },
  {
    error: new SharedMemoryTooSmallError({ block: 'a', sizeBytes: 1, minSizeBytes: 2 }),
    guard: isSharedMemoryTooSmallError,
    code: 'SHARED_MEMORY_TOO_SMALL',
    message: "the block of shared memory 'a' has 1 bytes, 2 are needed",
    facts: { block: 'a', sizeBytes: 1, minSizeBytes: 2 },
  },
  {
    error: new SharedMemoryMismatchError({ block: '/proc/1/fd/2', property: 'inode' }),
    guard: isSharedMemoryMismatchError,
    code: 'SHARED_MEMORY_MISMATCH',
    message: 'what is at /proc/1/fd/2 is not the block of the handle: its inode differs',
    facts: { block: '/proc/1/fd/2', property: 'inode' },
  },
  {
    error: new SharedMemoryDeniedError({ block: '/proc/1/fd/2' }),
    guard: isSharedMemoryDeniedError,
    code: 'SHARED_MEMORY_DENIED',
    message:
      'the system does not let this process open /proc/1/fd/2: it needs the same user and no fewer capabilities than its process',
    facts: { block: '/proc/1/fd/2' },
  },
  {
    error: new SharedMemorySystemError({ syscall: 'mmap', reason: 'ENOMEM' }),
    guard: isSharedMemorySystemError,
    code: 'SHARED_MEMORY_SYSTEM',
    message: 'the system refused mmap for shared memory: ENOMEM',
    facts: { syscall: 'mmap', reason: 'ENOMEM' },
  },
  {
    error: new SharedMemoryNameError({ block: 'a/b' }),
    guard: isSharedMemoryNameError,
    code: 'SHARED_MEMORY_NAME',
    message:
      "\"a/b\" is no name for a block of shared memory: a name has 1 to 100 letters, digits, '.', '_' or '-', and begins with a letter or digit",
    facts: { block: 'a/b' },
  },
  {
    error: new SharedMemoryHandleError(),
    guard: isSharedMemoryHandleError,
    code: 'SHARED_MEMORY_HANDLE',
    message: 'the value is not the handle of a block of shared memory',
    facts: {},
  },
  {
    error: new UnsafePathError({ path: '/tmp/x', problem: 'it is no directory' }),
    guard: isUnsafePathError,
    code: 'UNSAFE_PATH',
    message: '/tmp/x is not safe to use: it is no directory',
    facts: { path: '/tmp/x', problem: 'it is no directory' },
  },
  {
    error: new RingCorruptedError({ part: 'tail', value: -3 }),
    guard: isRingCorruptedError,
    code: 'RING_CORRUPTED',
    message: 'a ring is corrupted: its tail cannot be -3',
    facts: { part: 'tail', value: -3 },
  },
  {
    error: new RecordTooLargeError({ bytes: 9, maxRecordBytes: 8 }),
    guard: isRecordTooLargeError,
    code: 'RECORD_TOO_LARGE',
    message: 'a record of 9 bytes is over the limit of 8 bytes for this ring',
    facts: { bytes: 9, maxRecordBytes: 8 },
  },
]

describe.each(cases)('$error.name', ({ error, guard, code, message, facts }) => {
  test('says what, which and how much', () => {
    expect(error.message).toBe(message)
    expect(Object.fromEntries(Object.entries(error))).toEqual({ code, ...facts })
    expect(error.name).toBe(error.constructor.name)
    expect(isMpserviceError(error)).toBe(true)
  })

  test('is known by its guard, and no other error is', () => {
    expect(guard(error)).toBe(true)
    expect(cases.filter((other) => guard(other.error))).toHaveLength(1)
    expect([undefined, null, {}, new Error(message)].map((value) => guard(value))).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('arrives in another process as itself, under a name that no application takes', () => {
    const encoded = encodeException(error)
    expect(encoded.errors[0]?.classes[0]).toBe(`mpservice.${error.name}`)
    const arrived = decodeException(JSON.parse(JSON.stringify(encoded)))
    expect(arrived).toBeInstanceOf(error.constructor)
    expect(arrived).toMatchObject({ message, code, ...facts })
  })
})

test('a name that is very long is cut in the message', () => {
  expect(new SharedMemoryNameError({ block: 'x'.repeat(5_000) }).block).toHaveLength(200)
})
