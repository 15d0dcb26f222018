/**
 * Where a block is, as plain data for another process: of the same user, on this machine, while the
 * process that made the handle holds the block. Made by `SharedMemory.handle`.
 */
export type SharedMemoryHandle = MemfdHandle | ShmHandle

/** Where a block is on Linux. */
export interface MemfdHandle {
  readonly kind: 'memfd'
  /** The process that made the handle, and its descriptor for the block. */
  readonly pid: number
  readonly fd: number
  /** Tells the block from other files that may be there later. */
  readonly inode: number
  readonly sizeBytes: number
  /** 32 hexadecimal digits, random for each block; they are in the block itself, too. */
  readonly nonce: string
}

/** Where a block is on macOS. */
export interface ShmHandle {
  readonly kind: 'shm'
  readonly path: string
  readonly sizeBytes: number
  readonly nonce: string
}

/**
 * The largest block, so that every process can open it: Node 20 has no larger buffers, and ends when
 * koffi asks it for one.
 */
export const maxBlockBytes: number = 2 ** 32

/** Whether a value, from wherever it comes, is the handle of a block. */
export function isSharedMemoryHandle(value: unknown): value is SharedMemoryHandle {
  if (typeof value !== 'object' || value === null) return false
  if (!('kind' in value && 'sizeBytes' in value && 'nonce' in value)) return false
  const { kind, sizeBytes, nonce } = value
  if (!isCount(sizeBytes) || sizeBytes === 0 || sizeBytes > maxBlockBytes) return false
  if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce)) return false
  if (kind === 'shm') {
    return 'path' in value && typeof value.path === 'string' && /^\/mps-\w{1,20}$/.test(value.path)
  }
  if (kind !== 'memfd' || !('pid' in value && 'fd' in value && 'inode' in value)) return false
  return isCount(value.pid) && isCount(value.fd) && isCount(value.inode)
}

/** What to call the place that a handle points to in a message. */
export function describeHandle(handle: SharedMemoryHandle): string {
  return handle.kind === 'memfd' ? `/proc/${handle.pid}/fd/${handle.fd}` : handle.path
}

/** A handle as the name of a block that was given none; no other name has a colon. */
export function handleToName(handle: SharedMemoryHandle): string {
  const { kind, sizeBytes, nonce } = handle
  const place = kind === 'memfd' ? [handle.pid, handle.fd, handle.inode] : [handle.path]
  return [kind, ...place, sizeBytes, nonce].join(':')
}

/** The handle that such a name stands for; `undefined` for any other name. */
export function nameToHandle(name: string): SharedMemoryHandle | undefined {
  const [kind, ...parts] = name.split(':')
  const nonce = parts.pop()
  const sizeBytes = Number(parts.pop())
  const [place, fd, inode, ...more] = parts
  const handle =
    kind === 'memfd'
      ? { kind, pid: Number(place), fd: Number(fd), inode: Number(inode), sizeBytes, nonce }
      : { kind, path: place, sizeBytes, nonce }
  return isSharedMemoryHandle(handle) && more.length === 0 && handleToName(handle) === name
    ? handle
    : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
