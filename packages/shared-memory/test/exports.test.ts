import * as api from '@mpservice/shared-memory'
import { expect, test } from 'vitest'

test('the public names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "RecordTooLargeError",
      "RingCorruptedError",
      "RingReader",
      "RingWriter",
      "SharedMemory",
      "SharedMemoryClosedError",
      "SharedMemoryDeniedError",
      "SharedMemoryExistsError",
      "SharedMemoryHandleError",
      "SharedMemoryMismatchError",
      "SharedMemoryNameError",
      "SharedMemoryNotFoundError",
      "SharedMemorySystemError",
      "SharedMemoryTooSmallError",
      "SharedMemoryUnavailableError",
      "UnsafePathError",
      "initializeRing",
      "isRecordTooLargeError",
      "isRingCorruptedError",
      "isSharedMemoryAvailable",
      "isSharedMemoryClosedError",
      "isSharedMemoryDeniedError",
      "isSharedMemoryExistsError",
      "isSharedMemoryHandle",
      "isSharedMemoryHandleError",
      "isSharedMemoryMismatchError",
      "isSharedMemoryNameError",
      "isSharedMemoryNotFoundError",
      "isSharedMemorySystemError",
      "isSharedMemoryTooSmallError",
      "isSharedMemoryUnavailableError",
      "isUnsafePathError",
      "ringMemoryBytes",
      "waitForDoorbell",
      "whySharedMemoryIsUnavailable",
      "yieldProcessor",
    ]
  `)
})
