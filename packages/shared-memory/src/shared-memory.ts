import { closeSync } from 'node:fs'
import { SharedMemoryClosedError, SharedMemoryTooSmallError } from './block-errors.ts'
import {
  handleToName,
  isSharedMemoryHandle,
  maxBlockBytes,
  nameToHandle,
  type SharedMemoryHandle,
} from './block-handle.ts'
import { assertName, openName, removeName } from './block-names.ts'
import { attachBlock, type Block, createBlock, discardBlock } from './block.ts'
import { SharedMemoryHandleError } from './errors.ts'
import { giveName, HeldName } from './held-name.ts'
import { type SystemCalls, systemCalls } from './system-calls.ts'

/** How a block is created; every field is optional. */
export interface CreateOptions {
  /**
   * The name by which other programs of this user open it: 1 to 100 letters, digits, `.`, `_`, `-`.
   *
   * @default a name that `open` takes, too, and nobody can guess
   */
  readonly name?: string | undefined
}

/** What a block must be to be opened; every field is optional. */
export interface OpenOptions {
  /** @default 1 */
  readonly minSizeBytes?: number | undefined
}

/** How a block is reached by its handle; every field is optional. */
export interface AttachOptions {
  /**
   * A descriptor of this process that was inherited from the one that made the handle (`stdio: […,
   * block.fd]`), for where /proc is of no use. The block closes it, unless `attach` throws.
   */
  readonly fd?: number | undefined
}

/**
 * A block of memory that several processes have mapped at the same time, as plain bytes.
 *
 * A block lives as long as any process has it open, and no longer: on Linux nothing of it is left
 * behind, however the last one ends. One whose name, handle or descriptor was asked for is open until
 * `close`; any other one at most until its views are garbage.
 *
 * Nobody is kept from writing at the same time; `Atomics` on views of `buf` work across processes,
 * except `Atomics.wait` and `notify`.
 *
 * @example
 *   const block = SharedMemory.create(1024)
 *   child.send(block.handle) // there: SharedMemory.attach(handle)
 *   block.buf[0] = 7
 */
export class SharedMemory implements Disposable {
  readonly sizeBytes: number

  readonly #name: string
  readonly #calls: SystemCalls
  readonly #nonce: string
  readonly #heldName: HeldName | undefined
  /** `undefined` once closed. */
  #block: Block | undefined

  private constructor(calls: SystemCalls, block: Block, name: string, heldName?: HeldName) {
    this.#name = name
    this.sizeBytes = block.handle.sizeBytes
    this.#calls = calls
    this.#nonce = block.handle.nonce
    this.#block = block
    this.#heldName = heldName
    const { fd, mapping } = block
    mapping.releaseWhenUnused(name, () => closeSync(fd))
    if (heldName !== undefined) shownBlocks.add(this)
  }

  /**
   * Creates a block of zeros.
   *
   * @throws {SharedMemoryUnavailableError} When memory cannot be shared in this program.
   * @throws {SharedMemoryExistsError} When a process holds a block of this name.
   * @throws {SharedMemoryNameError} When no block can have this name.
   * @throws {SharedMemorySystemError} When the system has not enough memory or descriptors.
   * @throws {UnsafePathError} When the directory of names is not private to this user.
   * @throws {TimeoutError} When another process keeps the directory of names locked for 10 s.
   * @throws {Error} Of Node, with its `code`, when the directory of names cannot be made or read.
   * @throws {RangeError} When the size is no integer from 1 to 4 GiB.
   */
  static create(sizeBytes: number, options: CreateOptions = {}): SharedMemory {
    const { name } = options
    if (!Number.isInteger(sizeBytes) || sizeBytes < 1 || sizeBytes > maxBlockBytes) {
      throw new RangeError(`a block of shared memory has 1 to 2^32 bytes, not ${sizeBytes}`)
    }
    if (name !== undefined) assertName(name)
    const calls = systemCalls()
    const block = createBlock(calls, sizeBytes)
    try {
      const heldName = giveName(calls, block.handle, name)
      return new SharedMemory(calls, block, name ?? handleToName(block.handle), heldName)
    } catch (error) {
      discardBlock(calls, block)
      throw error
    }
  }

  /**
   * Opens the block that has this name: one that its creator gave it, or the `name` of any other block.
   *
   * @throws {SharedMemoryUnavailableError} When memory cannot be shared in this program.
   * @throws {SharedMemoryNotFoundError} When no process of this user holds a block of this name.
   * @throws {SharedMemoryTooSmallError} When it has less than `minSizeBytes`.
   * @throws {SharedMemoryMismatchError} When a name that was not given leads to something else now.
   * @throws {SharedMemoryDeniedError} When its process is one that this process may not look into.
   * @throws {SharedMemorySystemError} When the system has not enough memory or descriptors.
   * @throws {UnsafePathError} When the directory of names is not private to this user.
   * @throws {TimeoutError} When another process keeps the directory of names locked for 10 s.
   * @throws {SharedMemoryNameError} When no block can have this name.
   */
  static open(name: string, options: OpenOptions = {}): SharedMemory {
    const { minSizeBytes = 1 } = options
    const handle = nameToHandle(name)
    if (handle === undefined) assertName(name)
    const calls = systemCalls()
    const attach = (to: SharedMemoryHandle): Block => {
      assertLargeEnough(name, to.sizeBytes, minSizeBytes)
      return attachBlock(calls, to, undefined)
    }
    if (handle !== undefined) return new SharedMemory(calls, attach(handle), name)
    const { block, entry } = openName(calls, name, attach)
    return new SharedMemory(calls, block, name, new HeldName(calls, entry))
  }

  /**
   * Opens the block that a handle of another process, or of this one, points to.
   *
   * @throws {SharedMemoryUnavailableError} When memory cannot be shared in this program.
   * @throws {SharedMemoryNotFoundError} When the process of the handle has closed it, or ended.
   * @throws {SharedMemoryMismatchError} When something else is there now.
   * @throws {SharedMemoryDeniedError} When that process belongs to another user.
   * @throws {SharedMemorySystemError} When the system has not enough memory or descriptors.
   * @throws {SharedMemoryHandleError} When the value is not a handle, or one of another system.
   */
  static attach(handle: SharedMemoryHandle, options: AttachOptions = {}): SharedMemory {
    if (!isSharedMemoryHandle(handle)) throw new SharedMemoryHandleError()
    const calls = systemCalls()
    return new SharedMemory(calls, attachBlock(calls, handle, options.fd), handleToName(handle))
  }

  /**
   * What `SharedMemory.open` finds the block by: a given name while any process that gave it, or opened
   * the block by it, has the block open; any other one while its creator has.
   */
  get name(): string {
    if (!this.isClosed) shownBlocks.add(this)
    return this.#name
  }

  /**
   * The bytes of the block, straight on the memory: `buf.buffer` is nothing but the block.
   *
   * After `close` views that were taken before read zeros or are empty; they never show other data,
   * and what is written to them is lost.
   *
   * @throws {SharedMemoryClosedError} When the block is closed.
   */
  get buf(): Uint8Array {
    return this.#open().mapping.bytes
  }

  /**
   * Where the block is, as plain data: `attach` takes it in any process of this user on this machine,
   * as long as this process has the block open.
   *
   * @throws {SharedMemoryClosedError} When the block is closed.
   */
  get handle(): SharedMemoryHandle {
    const { handle } = this.#open()
    shownBlocks.add(this)
    return handle
  }

  /**
   * The descriptor of the block, for a child to inherit; it belongs to the block.
   *
   * @throws {SharedMemoryClosedError} When the block is closed.
   */
  get fd(): number {
    const { fd } = this.#open()
    shownBlocks.add(this)
    return fd
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#block === undefined
  }

  /**
   * Lets go of the memory in this process; others that have it open keep it. The last process that
   * opened it by its name, or gave the name, takes the name away. A second call does nothing.
   */
  close(): void {
    const block = this.#block
    if (block === undefined) return
    this.#block = undefined
    shownBlocks.delete(this)
    try {
      this.#heldName?.release()
    } finally {
      block.close()
    }
  }

  /** Is `close`. */
  [Symbol.dispose](): void {
    this.close()
  }

  /**
   * Takes the name away at once, so that it can be given to another block; those that have the block
   * open keep it. Does nothing for a block without a given name, or whose name was taken away before.
   */
  unlink(): void {
    if (nameToHandle(this.#name) === undefined) removeName(this.#calls, this.#name, this.#nonce)
  }

  #open(): Block {
    if (this.#block === undefined) throw new SharedMemoryClosedError({ block: this.#name })
    return this.#block
  }
}

/**
 * Blocks that others may count on, because they can know where they are. They stay open until they are
 * closed, while one that was never shown is given back when nobody can use it any more.
 */
const shownBlocks = new Set<SharedMemory>()

function assertLargeEnough(block: string, sizeBytes: number, minSizeBytes: number): void {
  if (sizeBytes < minSizeBytes) {
    throw new SharedMemoryTooSmallError({ block, sizeBytes, minSizeBytes })
  }
}
