import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isHeld } from './block-descriptor.ts'
import {
  SharedMemoryExistsError,
  SharedMemoryMismatchError,
  SharedMemoryNotFoundError,
} from './block-errors.ts'
import { isSharedMemoryHandle, type SharedMemoryHandle } from './block-handle.ts'
import { SharedMemoryNameError, SharedMemorySystemError } from './errors.ts'
import { hasNameDirectory, ignoring, removeIfEmpty, withNameDirectory } from './name-directory.ts'
import type { SystemCalls } from './system-calls.ts'

/*
 * The directory of names has a directory for each name, and in it an entry for each process that
 * holds the block: a symbolic link `<pid>-<random>` whose text is a handle. A link is there with its
 * whole text or not at all. Entries of processes that were killed are removed by whoever comes next.
 */

/** An entry for a name, which its process removes. */
export interface NameEntry {
  readonly name: string
  readonly fileName: string
}

/** @throws {SharedMemoryNameError} When no block can have this name. */
export function assertName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name))
    throw new SharedMemoryNameError({ block: name })
}

/**
 * Gives a name to a new block.
 *
 * @throws {SharedMemoryExistsError} When a process holds a block of this name.
 */
export function addName(calls: SystemCalls, name: string, handle: SharedMemoryHandle): NameEntry {
  return withNameDirectory(calls, (directory) => {
    sweepOnce(calls, directory)
    if (holders(calls, directory, name).length > 0)
      throw new SharedMemoryExistsError({ block: name })
    return addEntry(directory, name, handle)
  })
}

/**
 * Opens a block by its name with one of the handles that are there for it, and adds another one.
 *
 * @throws {SharedMemoryNotFoundError} When no process holds a block of this name.
 */
export function openName<Block extends OpenBlock>(
  calls: SystemCalls,
  name: string,
  attach: (handle: SharedMemoryHandle) => Block,
): { readonly block: Block; readonly entry: NameEntry } {
  if (!hasNameDirectory()) throw new SharedMemoryNotFoundError({ block: name })
  return withNameDirectory(calls, (directory) => {
    sweepOnce(calls, directory)
    const block = attachToOne(holders(calls, directory, name), attach)
    if (block === undefined) throw new SharedMemoryNotFoundError({ block: name })
    try {
      return { block, entry: addEntry(directory, name, block.handle) }
    } catch (error) {
      block.close()
      throw error
    }
  })
}

interface OpenBlock {
  readonly handle: SharedMemoryHandle
  close(): void
}

/** Removes the entry of a process that lets go of a block; the last one takes the name away. */
export function removeEntry(calls: SystemCalls, entry: NameEntry): void {
  if (!hasNameDirectory()) return
  withNameDirectory(calls, (directory) => {
    const path = join(directory, entry.name)
    const handle = readEntry(join(path, entry.fileName))
    if (handle === undefined) return
    unlinkSync(join(path, entry.fileName))
    if (holders(calls, directory, entry.name).length === 0) forget(calls, handle)
  })
}

/** Takes the name away from a block, if it has it. */
export function removeName(calls: SystemCalls, name: string, nonce: string): void {
  if (!hasNameDirectory()) return
  withNameDirectory(calls, (directory) => {
    const [handle] = holders(calls, directory, name)
    if (handle?.nonce !== nonce) return
    rmSync(join(directory, name), { recursive: true, force: true })
    forget(calls, handle)
  })
}

/** A holder may end, or let go of the block, in the moment in which we turn to it. */
function attachToOne<Block>(
  handles: readonly SharedMemoryHandle[],
  attach: (handle: SharedMemoryHandle) => Block,
): Block | undefined {
  for (const handle of handles) {
    try {
      return attach(handle)
    } catch (error) {
      const isGone =
        error instanceof SharedMemoryNotFoundError || error instanceof SharedMemoryMismatchError
      if (!isGone) throw error
    }
  }
  return undefined
}

function addEntry(directory: string, name: string, handle: SharedMemoryHandle): NameEntry {
  const fileName = `${process.pid}-${randomBytes(8).toString('hex')}`
  ignoring(['EEXIST'], () => mkdirSync(join(directory, name), { mode: 0o700 }))
  symlinkSync(JSON.stringify(handle), join(directory, name, fileName))
  return { name, fileName }
}

/** The handles of a name whose processes hold its block; the entries of others are removed. */
function holders(calls: SystemCalls, directory: string, name: string): SharedMemoryHandle[] {
  const path = join(directory, name)
  const fileNames = ignoring(['ENOENT', 'ENOTDIR'], () => readdirSync(path)) ?? []
  const dead: SharedMemoryHandle[] = []
  const live = fileNames.flatMap((fileName) => {
    const handle = readEntry(join(path, fileName))
    if (handle !== undefined && isAlive(handle, fileName)) return [handle]
    if (handle !== undefined) dead.push(handle)
    rmSync(join(path, fileName), { recursive: true, force: true })
    return []
  })
  if (live.length === 0) {
    removeIfEmpty(path)
    for (const handle of dead) forget(calls, handle)
  }
  return live
}

/** Entries of killed processes whose names nobody asks for again. */
function sweepOnce(calls: SystemCalls, directory: string): void {
  if (isSwept) return
  isSwept = true
  for (const name of readdirSync(directory)) holders(calls, directory, name)
}

let isSwept = false

function readEntry(path: string): SharedMemoryHandle | undefined {
  const text = ignoring(['ENOENT', 'EINVAL'], () => readlinkSync(path)) ?? ''
  try {
    const handle: unknown = JSON.parse(text)
    return isSharedMemoryHandle(handle) ? handle : undefined
  } catch {
    return undefined
  }
}

function isAlive(handle: SharedMemoryHandle, fileName: string): boolean {
  if (handle.kind === 'memfd') return isHeld(handle)
  try {
    process.kill(Number.parseInt(fileName, 10), 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Elsewhere than on Linux, memory is there until it is told to go. */
function forget(calls: SystemCalls, handle: SharedMemoryHandle): void {
  if (handle.kind !== 'shm') return
  try {
    calls.unlinkShm(handle.path)
  } catch (error) {
    if (!(error instanceof SharedMemorySystemError && error.reason === 'ENOENT')) throw error
  }
}
