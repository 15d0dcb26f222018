export { isUnsafePathError, UnsafePathError } from '@mpservice/contract'
export { isSharedMemoryAvailable, whySharedMemoryIsUnavailable } from './availability.ts'
export {
  type BlockProperty,
  isSharedMemoryClosedError,
  isSharedMemoryDeniedError,
  isSharedMemoryExistsError,
  isSharedMemoryMismatchError,
  isSharedMemoryNotFoundError,
  isSharedMemoryTooSmallError,
  SharedMemoryClosedError,
  SharedMemoryDeniedError,
  SharedMemoryExistsError,
  SharedMemoryMismatchError,
  SharedMemoryNotFoundError,
  SharedMemoryTooSmallError,
} from './block-errors.ts'
export {
  isSharedMemoryHandle,
  type MemfdHandle,
  type SharedMemoryHandle,
  type ShmHandle,
} from './block-handle.ts'
export {
  isSharedMemoryHandleError,
  isSharedMemoryNameError,
  isSharedMemorySystemError,
  isSharedMemoryUnavailableError,
  SharedMemoryHandleError,
  SharedMemoryNameError,
  SharedMemorySystemError,
  SharedMemoryUnavailableError,
  type UnavailableReason,
} from './errors.ts'
export type { RingOptions } from './parking-place.ts'
export {
  isRecordTooLargeError,
  isRingCorruptedError,
  RecordTooLargeError,
  RingCorruptedError,
  type RingPart,
} from './ring-errors.ts'
export { initializeRing, ringMemoryBytes } from './ring-layout.ts'
export { RingReader, type VisitRecord } from './ring-reader.ts'
export { RingWriter } from './ring-writer.ts'
export {
  type AttachOptions,
  type CreateOptions,
  type OpenOptions,
  SharedMemory,
} from './shared-memory.ts'
export { waitForDoorbell } from './wait-for-doorbell.ts'
export { yieldProcessor } from './yield-processor.ts'
