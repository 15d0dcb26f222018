import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  rmdirSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { TimeoutError, UnsafePathError } from '@mpservice/contract'
import type { SystemCalls } from './system-calls.ts'

/**
 * Runs `work` on the private directory of this user in which the names of blocks are, while no
 * other process does. The directory is made when it is not there and removed when it is left empty.
 *
 * It is in $MPSERVICE_RUNTIME_DIR, $XDG_RUNTIME_DIR, /run/user/<uid> or /tmp, the first that there is.
 *
 * @throws {UnsafePathError} When it is there and not private to this user.
 * @throws {TimeoutError} When another process does not leave it for 10 s.
 */
export function withNameDirectory<Result>(
  calls: SystemCalls,
  work: (directory: string) => Result,
): Result {
  const [parent, directory] = nameDirectories()
  const deadline = performance.now() + lockTimeoutMs
  for (;;) {
    assertInTime(deadline)
    const fd = openDirectory(parent, directory)
    if (fd === undefined) continue
    try {
      lock(calls, fd, deadline)
      // Whoever had it before may have removed the directory that we waited for.
      if (!isSameDirectory(fd, directory)) continue
      try {
        return work(directory)
      } finally {
        removeIfEmpty(directory)
        removeIfEmpty(parent)
      }
    } finally {
      closeSync(fd)
    }
  }
}

/** Whether any process has given a name to a block. */
export function hasNameDirectory(): boolean {
  return lstatSync(nameDirectories()[1], { throwIfNoEntry: false }) !== undefined
}

/** Removes a directory unless there is something in it. */
export function removeIfEmpty(directory: string): void {
  ignoring(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'], () => rmdirSync(directory))
}

/** Does what may be refused for these reasons; gives `undefined` then. */
export function ignoring<Result>(
  reasons: readonly string[],
  work: () => Result,
): Result | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && reasons.includes(String(error.code))) {
      return undefined
    }
    throw error
  }
}

const lockTimeoutMs = 10_000
const lockPollMs = 1

function nameDirectories(): [parent: string, directory: string] {
  const uid = process.getuid?.() ?? 0
  const parent = join(runtimeDirectory(uid), `mpservice-${uid}`)
  return [parent, join(parent, `shared-memory-${processNamespace()}`)]
}

function runtimeDirectory(uid: number): string {
  const { MPSERVICE_RUNTIME_DIR: own, XDG_RUNTIME_DIR: session } = process.env
  if (own !== undefined && own !== '') return own
  // Not every program of a user is started with the variable, but all shall find each other.
  const candidates = session === undefined ? [] : [session]
  return [...candidates, `/run/user/${uid}`].find((path) => isOwnDirectory(path, uid)) ?? '/tmp'
}

function isOwnDirectory(path: string, uid: number): boolean {
  const stat = ignoring(['EACCES'], () => statSync(path, { throwIfNoEntry: false }))
  return stat !== undefined && stat.isDirectory() && stat.uid === uid
}

/** Process ids in the directory mean something only in the namespace that they come from. */
function processNamespace(): string {
  const link = ignoring(['ENOENT', 'EACCES'], () => readlinkSync('/proc/self/ns/pid'))
  return /\d+/.exec(link ?? '')?.[0] ?? '0'
}

/** Opens the directory, making it first; `undefined` when it was removed in this moment. */
function openDirectory(parent: string, directory: string): number | undefined {
  ignoring(['EEXIST'], () => mkdirSync(parent, { mode: 0o700 }))
  if (!isPrivate(parent)) return undefined
  ignoring(['EEXIST', 'ENOENT'], () => mkdirSync(directory, { mode: 0o700 }))
  if (!isPrivate(directory)) return undefined
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  return ignoring(['ENOENT'], () => openSync(directory, flags))
}

/** Gives whether a directory is there; throws when it is and others may access it. */
function isPrivate(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return false
  const refuse = (problem: string): never => {
    throw new UnsafePathError({ path, problem })
  }
  if (!stat.isDirectory()) refuse('it is no directory')
  if (stat.uid !== process.getuid?.()) refuse(`it belongs to user ${stat.uid}`)
  const mode = stat.mode & 0o777
  if ((mode & 0o077) !== 0) refuse(`other users may access it (mode ${mode.toString(8)})`)
  return true
}

function lock(calls: SystemCalls, fd: number, deadline: number): void {
  while (!calls.tryLock(fd)) {
    assertInTime(deadline)
    Atomics.wait(sleeper, 0, 0, lockPollMs)
  }
}

function assertInTime(deadline: number): void {
  const leftMs = deadline - performance.now()
  if (leftMs > 0) return
  throw new TimeoutError({
    phase: 'names of shared memory',
    elapsedMs: lockTimeoutMs - leftMs,
    timeoutMs: lockTimeoutMs,
  })
}

function isSameDirectory(fd: number, directory: string): boolean {
  return lstatSync(directory, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino
}

const sleeper = new Int32Array(new SharedArrayBuffer(4))
