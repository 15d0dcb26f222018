import { existsSync } from 'node:fs'
import { SharedMemorySystemError, SharedMemoryUnavailableError } from './errors.ts'
import { isSwitchedOff, type Koffi, loadKoffi } from './native.ts'

/** The system calls that Node has not, each of which throws when the system refuses it. */
export interface SystemCalls {
  /** Linux: a descriptor of memory without a name, which nothing outlives. */
  createMemfd(label: string): number
  /** Linux: forbids to change the size of the memory behind a descriptor, for ever. */
  sealSize(fd: number): void
  /** Linux: whether the memory behind a descriptor can never get smaller. */
  isSizeSealed(fd: number): boolean
  /** Elsewhere: a descriptor of memory under a path of its own kind. */
  openShm(path: string, flags: number): number
  unlinkShm(path: string): void
  closeDescriptor(fd: number): void
  /** Waits until a descriptor has something to read or its other end is gone; gives whether that is so. */
  waitReadable(fd: number, timeoutMs: number): boolean
  /** Lets others who wait for this processor have it first; returns at once when there are none. */
  yieldProcessor(): void
  /** Takes a lock that ends with the descriptor; gives whether nobody else has it. */
  tryLock(fd: number): boolean
  /** Maps memory for all who have it; gives the address. */
  map(fd: number, bytes: number): bigint
  /** Lets go of mapped memory; at the address are zeros that belong to this process. */
  mapZeros(address: bigint, bytes: number): void
  /** From now on any access to the address ends the process. */
  unmap(address: bigint, bytes: number): void
  view(address: bigint, bytes: number): ArrayBuffer
}

/** @throws {SharedMemoryUnavailableError} When this program cannot share memory. */
export function systemCalls(): SystemCalls {
  if (loaded !== undefined && !isSwitchedOff()) return loaded
  const koffi = loadKoffi()
  if (koffi instanceof SharedMemoryUnavailableError) throw koffi
  try {
    const calls = bindCalls(koffi)
    assertWorking(calls)
    loaded = calls
    return calls
  } catch (cause) {
    throw new SharedMemoryUnavailableError(
      'the system has not, or refuses, the calls for it',
      { reason: 'refused' },
      { cause },
    )
  }
}

// Finding out what the system can do takes longer than most uses of it.
let loaded: SystemCalls | undefined

const isLinux = process.platform === 'linux'
const readWrite = 0x1 | 0x2
const shared = 0x1
const privateZerosAtAddress = 0x2 | 0x10 | (isLinux ? 0x20 | 0x4000 : 0x1000 | 0x40)
const refusedAddress = 2n ** 64n - 1n

const memfd = { closeOnExec: 0x1, allowSealing: 0x2, noExecutableSeal: 0x8 }
const addSeals = 1033
const getSeals = 1034
const seals = { seal: 0x1, shrink: 0x2, grow: 0x4 }
const exclusiveLockAtOnce = 2 | 4
const pollEvents = { in: 0x1, invalid: 0x20 }
/** One `struct pollfd`. */
const pollDescriptor = Buffer.alloc(8)

function bindCalls(koffi: Koffi): SystemCalls {
  const library = koffi.load(null)
  // Where a reason has two names, the first one stays.
  const errors = Object.entries(koffi.os.errno).toReversed()
  const names = new Map(errors.map(([name, value]) => [value, name]))

  const bind = (prototype: string): ((...values: unknown[]) => number) => {
    const call = library.func(prototype)
    const syscall = /(\w+)\(/.exec(prototype)?.[1] ?? prototype
    return (...values) => {
      const result = Number(call(...values))
      if (result >= 0) return result
      throw refusal(syscall)
    }
  }
  const refusal = (syscall: string): SharedMemorySystemError => {
    const errno = koffi.errno()
    return new SharedMemorySystemError({ syscall, reason: names.get(errno) ?? `errno ${errno}` })
  }

  const mmap = library.func(
    'void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)',
  )
  const map = (...values: unknown[]): bigint => {
    const address = mmap(...values)
    if (typeof address !== 'bigint' || address === refusedAddress) throw refusal('mmap')
    return address
  }
  const munmap = bind('int munmap(void *address, size_t bytes)')
  const flock = bind('int flock(int fd, int operation)')
  const close = bind('int close(int fd)')
  const poll = bind('int poll(void *descriptors, unsigned long count, int timeoutMs)')
  const yieldNow = library.func('int sched_yield()')

  return {
    ...(isLinux ? bindMemfd(bind) : bindShm(bind)),
    closeDescriptor: (fd) => void close(fd),
    waitReadable: (fd, timeoutMs) => {
      pollDescriptor.writeInt32LE(fd, 0)
      pollDescriptor.writeInt16LE(pollEvents.in, 4)
      let ready = 0
      // A signal ends the wait early, as if time was up.
      const isWhole = succeeds(() => (ready = poll(pollDescriptor, 1, timeoutMs)), 'EINTR')
      if (!isWhole || ready === 0) return false
      if ((pollDescriptor.readInt16LE(6) & pollEvents.invalid) === 0) return true
      throw new SharedMemorySystemError({ syscall: 'poll', reason: 'EBADF' })
    },
    yieldProcessor: () => void yieldNow(),
    tryLock: (fd) => succeeds(() => flock(fd, exclusiveLockAtOnce), 'EAGAIN'),
    map: (fd, bytes) => map(null, bytes, readWrite, shared, fd, 0),
    mapZeros: (address, bytes) => void map(address, bytes, readWrite, privateZerosAtAddress, -1, 0),
    unmap: (address, bytes) => void munmap(address, bytes),
    view: (address, bytes) => koffi.view(address, bytes),
  }
}

type Bind = (prototype: string) => (...values: unknown[]) => number
type MemoryCalls = Pick<
  SystemCalls,
  'createMemfd' | 'sealSize' | 'isSizeSealed' | 'openShm' | 'unlinkShm'
>

function bindMemfd(bind: Bind): MemoryCalls {
  const memfdCreate = bind('int memfd_create(const char *name, unsigned int flags)')
  const fcntl = bind('int fcntl(int fd, int command, ...)')
  const flags = memfd.closeOnExec | memfd.allowSealing
  return {
    createMemfd: (label) => {
      // Kernels before 6.3 do not know the third flag, which hardened ones ask for.
      let fd = -1
      const isNew = succeeds(
        () => (fd = memfdCreate(label, flags | memfd.noExecutableSeal)),
        'EINVAL',
      )
      return isNew ? fd : memfdCreate(label, flags)
    },
    sealSize: (fd) => void fcntl(fd, addSeals, 'int', seals.shrink | seals.grow | seals.seal),
    isSizeSealed: (fd) => {
      let found = 0
      const isMemfd = succeeds(() => (found = fcntl(fd, getSeals)), 'EINVAL')
      return isMemfd && (found & seals.shrink) !== 0
    },
    openShm: notHere,
    unlinkShm: notHere,
  }
}

function bindShm(bind: Bind): MemoryCalls {
  const shmOpen = bind('int shm_open(const char *name, int flags, ...)')
  const shmUnlink = bind('int shm_unlink(const char *name)')
  return {
    createMemfd: notHere,
    sealSize: notHere,
    isSizeSealed: notHere,
    openShm: (path, flags) => shmOpen(path, flags, 'int', 0o600),
    unlinkShm: (path) => void shmUnlink(path),
  }
}

function notHere(): never {
  throw new SharedMemorySystemError({ syscall: 'this way of sharing memory', reason: 'ENOSYS' })
}

/** Gives whether a call is not refused for this one reason; for any other one it throws. */
function succeeds(call: () => unknown, unless: string): boolean {
  try {
    call()
    return true
  } catch (error) {
    if (error instanceof SharedMemorySystemError && error.reason === unless) return false
    throw error
  }
}

/**
 * Sandboxes refuse single calls, containers may have no /proc, and some builds of V8 allow no buffer
 * on memory of others.
 */
function assertWorking(calls: SystemCalls): void {
  if (!isLinux) return
  const fd = calls.createMemfd('mpservice-probe')
  try {
    calls.sealSize(fd)
    if (!existsSync(`/proc/self/fd/${fd}`)) throw new Error('/proc is not there')
    const address = calls.map(fd, 1)
    try {
      calls.view(address, 1)
    } finally {
      calls.unmap(address, 1)
    }
  } finally {
    calls.closeDescriptor(fd)
  }
}
