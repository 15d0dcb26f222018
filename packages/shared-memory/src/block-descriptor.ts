import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
} from 'node:fs'
import {
  SharedMemoryDeniedError,
  SharedMemoryMismatchError,
  SharedMemoryNotFoundError,
} from './block-errors.ts'
import {
  describeHandle,
  type MemfdHandle,
  type SharedMemoryHandle,
  type ShmHandle,
} from './block-handle.ts'
import { labelledBytes } from './block-label.ts'
import { SharedMemoryHandleError, SharedMemorySystemError } from './errors.ts'
import type { SystemCalls } from './system-calls.ts'

/** The descriptor of a block that is just created, and what its handle will say. */
export interface NewBlock {
  readonly fd: number
  readonly handle: SharedMemoryHandle
}

const isLinux = process.platform === 'linux'

/** Makes zeroed memory with room for a block and its label. */
export function createDescriptor(
  calls: SystemCalls,
  facts: { readonly sizeBytes: number; readonly nonce: string },
): NewBlock {
  const path = `/mps-${facts.nonce.slice(0, 20)}`
  const exclusive = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
  const fd = isLinux ? openMemfd(calls) : calls.openShm(path, exclusive)
  try {
    ftruncateSync(fd, labelledBytes(facts.sizeBytes))
    if (!isLinux) return { fd, handle: { kind: 'shm', path, ...facts } }
    calls.sealSize(fd)
    return { fd, handle: memfdHandle(fd, facts) }
  } catch (error) {
    closeSync(fd)
    if (!isLinux) calls.unlinkShm(path)
    throw asSystemError(error)
  }
}

/** The handle by which others reach a block through a descriptor of this process. */
export function memfdHandle(
  fd: number,
  facts: { readonly sizeBytes: number; readonly nonce: string },
): MemfdHandle {
  const { sizeBytes, nonce } = facts
  return { kind: 'memfd', pid: process.pid, fd, inode: fstatSync(fd).ino, sizeBytes, nonce }
}

/**
 * Opens what a handle points to, or checks an inherited descriptor, so that mapping it is safe.
 *
 * @throws {SharedMemoryHandleError} When it was made on another system.
 * @throws {SharedMemoryNotFoundError} When there is nothing.
 * @throws {SharedMemoryDeniedError} When it belongs to another user.
 * @throws {SharedMemoryMismatchError} When it is something else.
 */
export function openDescriptor(
  calls: SystemCalls,
  handle: SharedMemoryHandle,
  inherited: number | undefined,
): number {
  if ((handle.kind === 'memfd') !== isLinux) throw new SharedMemoryHandleError()
  return handle.kind === 'memfd'
    ? openThroughProc(calls, handle, inherited)
    : openThroughName(calls, handle, inherited)
}

/** Whether the process that made a handle still holds the block, as far as can be seen. */
export function isHeld(handle: MemfdHandle): boolean {
  try {
    return statSync(describeHandle(handle)).ino === handle.inode
  } catch (error) {
    return !isReason(error, 'ENOENT')
  }
}

// Opened once more by Node, which closes it with the thread that it belongs to.
function openMemfd(calls: SystemCalls): number {
  const fd = calls.createMemfd('mpservice')
  try {
    fchmodSync(fd, 0o600)
    return openSync(`/proc/self/fd/${fd}`, constants.O_RDWR)
  } catch (error) {
    throw asSystemError(error)
  } finally {
    calls.closeDescriptor(fd)
  }
}

function openThroughProc(
  calls: SystemCalls,
  handle: MemfdHandle,
  inherited: number | undefined,
): number {
  const block = inherited === undefined ? describeHandle(handle) : `/proc/self/fd/${inherited}`
  const mismatch = (property: 'kind' | 'inode' | 'size' | 'seals'): SharedMemoryMismatchError =>
    new SharedMemoryMismatchError({ block, property })
  const assertSame = (stat: { isFile(): boolean; ino: number; size: number }): void => {
    if (!stat.isFile()) throw mismatch('kind')
    if (stat.ino !== handle.inode) throw mismatch('inode')
    if (stat.size !== labelledBytes(handle.sizeBytes)) throw mismatch('size')
  }
  try {
    // Looked at before it is opened: to open a device or a pipe can have effects.
    assertSame(statSync(block))
    const fd =
      inherited ?? openSync(block, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
    try {
      assertSame(fstatSync(fd))
      // A block that could get smaller would end the process that reads beyond its new end.
      if (!calls.isSizeSealed(fd)) throw mismatch('seals')
      return fd
    } catch (error) {
      if (inherited === undefined) closeSync(fd)
      throw error
    }
  } catch (error) {
    throw translate(error, block)
  }
}

function openThroughName(
  calls: SystemCalls,
  handle: ShmHandle,
  inherited: number | undefined,
): number {
  const { path: block } = handle
  try {
    const fd = inherited ?? calls.openShm(block, constants.O_RDWR)
    try {
      if (fstatSync(fd).size >= labelledBytes(handle.sizeBytes)) return fd
      throw new SharedMemoryMismatchError({ block, property: 'size' })
    } catch (error) {
      if (inherited === undefined) closeSync(fd)
      throw error
    }
  } catch (error) {
    throw translate(error, block)
  }
}

function translate(cause: unknown, block: string): unknown {
  if (isReason(cause, 'ENOENT', 'ESRCH', 'ENXIO')) {
    return new SharedMemoryNotFoundError({ block }, { cause })
  }
  if (isReason(cause, 'EACCES', 'EPERM')) return new SharedMemoryDeniedError({ block }, { cause })
  return asSystemError(cause)
}

function asSystemError(cause: unknown): unknown {
  if (!(cause instanceof Error && 'syscall' in cause && 'errno' in cause)) return cause
  const facts = { syscall: String(cause.syscall), reason: reasonOf(cause) }
  return new SharedMemorySystemError(facts, { cause })
}

function isReason(error: unknown, ...reasons: readonly string[]): boolean {
  return reasons.includes(reasonOf(error))
}

function reasonOf(error: unknown): string {
  if (error instanceof SharedMemorySystemError) return error.reason
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
