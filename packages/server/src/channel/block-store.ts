import { keepFreedMemory } from './keep-freed-memory.ts'
import type { Payload } from './payload.ts'
import { ReceivedPayload } from './received-payload.ts'

/** Memory for one large payload that both sides of a channel can reach. */
export interface BlockMemory {
  readonly bytes: Uint8Array
  /** Lets go of it on this side. */
  close(): void
}

/** How a block store makes its blocks known. */
export interface BlockStoreOptions {
  /** The most memory of all blocks together; one payload may be larger than that. */
  readonly maxBytes: number
  /** @throws {SharedMemorySystemError} When there is not enough memory. */
  create(sizeBytes: number): BlockMemory
  /** Tells the other side of a block, which it will need with the next frame. Gives whether it could. */
  announce(number: number, memory: BlockMemory): boolean
  /** Tells the other side that it will see no more of a block. */
  forget(number: number): boolean
}

/** A payload in a block. */
export interface PlacedPayload {
  /** What is in its frame instead of it. */
  readonly place: Buffer
  /** The same payload, as long as it is in the block. */
  readonly payload: Payload
  /** Frees the block, where that is not the reader's task. */
  readonly release: () => void
}

interface Block {
  readonly number: number
  readonly memory: BlockMemory
  readonly words: Int32Array
  readonly data: Buffer
  isAnnounced: boolean
}

/**
 * Where one side of a channel puts payloads that are too large for a ring: each in a block of its own,
 * which is used again when the other side has read it.
 */
export class BlockStore {
  readonly #options: BlockStoreOptions
  #blocks: Block[] = []
  #bytes = 0
  #lastNumber = 0

  constructor(options: BlockStoreOptions) {
    this.#options = options
  }

  /**
   * Puts a payload into a block, or gives `undefined` while there is no free block and no memory for
   * one more.
   *
   * @throws {EncodeError} When the value cannot be carried.
   */
  tryPut(payload: Payload): PlacedPayload | undefined {
    return this.#putIntoFree(payload) ?? this.#putIntoFitting(payload.bytes())
  }

  /** Lets go of all blocks. */
  close(): void {
    for (const { memory } of this.#blocks) memory.close()
    this.#blocks = []
  }

  /** Without knowing how large it is: encoded at once, where it fits, into the block used last. */
  #putIntoFree(payload: Payload): PlacedPayload | undefined {
    const rough = payload.roughBytes()
    const block = this.#blocks.find((each) => isFree(each) && each.data.length > rough)
    if (block === undefined) return undefined
    // In use from now on: a getter of the value may put another payload into a block.
    Atomics.store(block.words, usedWord, 1)
    let end = -1
    try {
      end = payload.writeInto(block.data, blockHeaderBytes)
    } finally {
      if (end < 0) Atomics.store(block.words, usedWord, 0)
    }
    return end < 0 ? undefined : this.#hand(block, end - blockHeaderBytes)
  }

  #putIntoFitting(bytes: Buffer): PlacedPayload | undefined {
    const needed = blockHeaderBytes + bytes.length
    const block =
      this.#blocks.find((each) => isFree(each) && each.data.length >= needed) ?? this.#add(needed)
    if (block === undefined) return undefined
    block.data.set(bytes, blockHeaderBytes)
    return this.#hand(block, bytes.length)
  }

  #add(needed: number): Block | undefined {
    const size = sizeFor(needed)
    if (!this.#makeRoomFor(size)) return undefined
    keepFreedMemory()
    const memory = this.#create(size)
    if (memory === undefined) return undefined
    const { buffer, byteOffset, length } = memory.bytes
    const block = {
      number: ++this.#lastNumber,
      memory,
      words: new Int32Array(buffer, byteOffset, blockHeaderBytes / 4),
      data: Buffer.from(buffer, byteOffset, length),
      isAnnounced: false,
    }
    this.#bytes += size
    this.#blocks.unshift(block)
    return block
  }

  /** With too little memory, or too few descriptors, blocks that are in use can be waited for. */
  #create(size: number): BlockMemory | undefined {
    try {
      return this.#options.create(size)
    } catch (error) {
      if (this.#blocks.length === 0) throw error
      return undefined
    }
  }

  /** Blocks that nobody uses make way; while others are in use, there may be no room. */
  #makeRoomFor(size: number): boolean {
    const { maxBytes } = this.#options
    for (const block of this.#blocks.toReversed()) {
      if (this.#bytes + size <= maxBytes) return true
      if (isFree(block) && !this.#drop(block)) return false
    }
    return this.#bytes + size <= maxBytes || this.#blocks.length === 0
  }

  #drop(block: Block): boolean {
    if (block.isAnnounced && !this.#options.forget(block.number)) return false
    this.#blocks = this.#blocks.filter((each) => each !== block)
    this.#bytes -= block.data.length
    block.memory.close()
    return true
  }

  /** A block that the other side cannot have is gone. */
  #isAnnounced(block: Block): boolean {
    try {
      block.isAnnounced ||= this.#options.announce(block.number, block.memory)
      return block.isAnnounced
    } catch (error) {
      Atomics.store(block.words, usedWord, 0)
      this.#drop(block)
      throw error
    }
  }

  #hand(block: Block, payloadBytes: number): PlacedPayload | undefined {
    Atomics.store(block.words, usedWord, 1)
    if (!this.#isAnnounced(block)) {
      Atomics.store(block.words, usedWord, 0)
      return undefined
    }
    const place = Buffer.allocUnsafe(placeBytes)
    place.writeUInt32LE(block.number, 0)
    place.writeUInt32LE(0, 4)
    place.writeDoubleLE(payloadBytes, 8)
    return {
      place,
      payload: new ReceivedPayload(
        block.data,
        blockHeaderBytes,
        blockHeaderBytes + payloadBytes,
        true,
      ),
      release: () => void Atomics.store(block.words, usedWord, 0),
    }
  }
}

function isFree({ words }: Block): boolean {
  return Atomics.load(words, usedWord) === 0
}

/** Sizes in steps, so that payloads of about the same size share blocks. */
function sizeFor(needed: number): number {
  return needed <= largestDoubled
    ? Math.max(smallestBlock, 2 ** Math.ceil(Math.log2(needed)))
    : Math.ceil(needed / largestDoubled) * largestDoubled
}

const smallestBlock = 256 * 1024
const largestDoubled = 16 * 2 ** 20

/** The start of each block: words, of which the first is 1 while a payload is in it. */
export const blockHeaderBytes = 64
export const usedWord = 0
/** The other side has the block and can read from it, whatever becomes of this one. */
export const acceptedWord = 1

/** The payload of a frame whose own is in a block: number of the block, 0, and size as f64. */
export const placeBytes = 16
