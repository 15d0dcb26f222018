import { randomBytes } from 'node:crypto'
import { closeSync } from 'node:fs'
import { createDescriptor, memfdHandle, openDescriptor } from './block-descriptor.ts'
import { SharedMemoryMismatchError } from './block-errors.ts'
import { describeHandle, type SharedMemoryHandle } from './block-handle.ts'
import { checkLabel, labelBytes, labelledBytes, writeLabel } from './block-label.ts'
import { Mapping } from './mapping.ts'
import type { SystemCalls } from './system-calls.ts'

/** A block that is mapped in this process, with the descriptor by which others reach it. */
export interface Block {
  /** Where others find it, in this process. */
  readonly handle: SharedMemoryHandle
  readonly fd: number
  readonly mapping: Mapping
  close(): void
}

/** Creates a block of zeros. */
export function createBlock(calls: SystemCalls, sizeBytes: number): Block {
  const facts = { sizeBytes, nonce: randomBytes(16).toString('hex') }
  const { fd, handle } = createDescriptor(calls, facts)
  let block: Block | undefined
  try {
    block = mapBlock(calls, fd, handle)
    writeLabel(block.mapping.tail(labelBytes), facts)
    return block
  } catch (error) {
    block?.mapping.release()
    closeSync(fd)
    unlinkMemory(calls, handle)
    throw error
  }
}

/** Closes a block that nobody else can have come to know. */
export function discardBlock(calls: SystemCalls, block: Block): void {
  block.close()
  unlinkMemory(calls, block.handle)
}

/** Elsewhere than on Linux, memory is there until it is told to go. */
function unlinkMemory(calls: SystemCalls, handle: SharedMemoryHandle): void {
  if (handle.kind === 'shm') calls.unlinkShm(handle.path)
}

/**
 * Maps the block that a handle points to, or that an inherited descriptor is said to be. The
 * descriptor then belongs to the block.
 */
export function attachBlock(
  calls: SystemCalls,
  handle: SharedMemoryHandle,
  inherited: number | undefined,
): Block {
  const fd = openDescriptor(calls, handle, inherited)
  let block: Block | undefined
  try {
    block = mapBlock(calls, fd, ownHandle(handle, fd))
    const property = checkLabel(block.mapping.tail(labelBytes), handle)
    if (property === undefined) return block
    throw new SharedMemoryMismatchError({ block: describeHandle(handle), property })
  } catch (error) {
    block?.mapping.release()
    if (inherited === undefined) closeSync(fd)
    throw error
  }
}

function ownHandle(handle: SharedMemoryHandle, fd: number): SharedMemoryHandle {
  return handle.kind === 'memfd' ? memfdHandle(fd, handle) : handle
}

function mapBlock(calls: SystemCalls, fd: number, handle: SharedMemoryHandle): Block {
  const { sizeBytes } = handle
  const mapping = new Mapping(calls, { fd, sizeBytes, mappedBytes: labelledBytes(sizeBytes) })
  return {
    handle: Object.freeze(handle),
    fd,
    mapping,
    close: () => {
      try {
        mapping.release()
      } finally {
        closeSync(fd)
      }
    },
  }
}
