import { ProtocolError } from '@mpservice/wire'
import {
  acceptedWord,
  blockHeaderBytes,
  type BlockMemory,
  placeBytes,
  usedWord,
} from './block-store.ts'
import { keepFreedMemory } from './keep-freed-memory.ts'

interface Block {
  readonly memory: BlockMemory
  readonly words: Int32Array
  readonly data: Buffer
}

/** How the blocks of the other side are used. */
export interface BlockSourceOptions {
  /** Whether a block is free as soon as its payload was visited; else the other side frees it. */
  readonly releases: boolean
  /** A block cannot be used on this side. */
  onRefused(number: number): void
  /** Finds a block that is not known yet, but was announced elsewhere than in a frame. */
  find(number: number): BlockMemory | undefined
}

/** The blocks of the other side of a channel, in which it puts large payloads. */
export class BlockSource {
  readonly #options: BlockSourceOptions
  readonly #blocks = new Map<number, Block>()
  readonly #refused = new Map<number, { readonly error: unknown }>()

  constructor(options: BlockSourceOptions) {
    this.#options = options
  }

  /** Takes a block that the other side has announced. */
  accept(number: number, memory: BlockMemory): void {
    const { buffer, byteOffset, length } = memory.bytes
    if (length <= blockHeaderBytes) throw new ProtocolError(`a block of ${length} bytes`)
    keepFreedMemory()
    this.forget(number)
    const words = new Int32Array(buffer, byteOffset, blockHeaderBytes / 4)
    this.#blocks.set(number, { memory, words, data: Buffer.from(buffer, byteOffset, length) })
    Atomics.store(words, acceptedWord, 1)
  }

  /** Notes why a block that was announced cannot be used here. */
  refuse(number: number, error: unknown): void {
    this.#refused.set(number, { error })
    this.#options.onRefused(number)
  }

  /** Why a payload cannot be had whose place is in a frame; `undefined` when it can. */
  refusalOf(place: Buffer, start: number, end: number): { readonly error: unknown } | undefined {
    if (this.#refused.size === 0 || end - start !== placeBytes) return undefined
    return this.#refused.get(place.readUInt32LE(start))
  }

  /** Lets go of a block of which the other side says that it will not be used again. */
  forget(number: number): void {
    const memory = this.#blocks.get(number)?.memory ?? this.#options.find(number)
    memory?.close()
    this.#blocks.delete(number)
    this.#refused.delete(number)
  }

  /**
   * Calls `visit` with the bytes of the payload whose place is in a frame.
   *
   * @throws {ProtocolError} When there is no such place.
   */
  visit(
    place: Buffer,
    start: number,
    end: number,
    visit: (bytes: Buffer, start: number, end: number) => void,
  ): void {
    if (end - start !== placeBytes) throw new ProtocolError('a place in a block of another size')
    const number = place.readUInt32LE(start)
    const length = place.readDoubleLE(start + 8)
    const { words, data } = this.#get(number)
    if (!(length >= 0 && length <= data.length - blockHeaderBytes)) {
      throw new ProtocolError(`${length} bytes in a block of ${data.length}`)
    }
    try {
      visit(data, blockHeaderBytes, blockHeaderBytes + length)
    } finally {
      if (this.#options.releases) Atomics.store(words, usedWord, 0)
    }
  }

  /** Lets go of all blocks. */
  close(): void {
    for (const { memory } of this.#blocks.values()) memory.close()
    this.#blocks.clear()
  }

  #get(number: number): Block {
    if (!this.#blocks.has(number)) {
      const found = this.#options.find(number)
      if (found !== undefined) this.accept(number, found)
    }
    const block = this.#blocks.get(number)
    if (block === undefined) throw new ProtocolError(`there is no block ${number}`)
    return block
  }
}
