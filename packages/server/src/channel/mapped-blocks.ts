import { SharedMemory } from '@mpservice/shared-memory'
import { acceptedWord, type BlockMemory } from './block-store.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { BlockExchange } from './ring-channel.ts'

/**
 * Waits until the other end has mapped a block.
 *
 * @throws {Error} When it could not.
 */
export type WaitUntilAccepted = (number: number, isAccepted: () => boolean) => void

/** Blocks between processes: memory that both have mapped. */
export class MappedBlocks implements BlockExchange {
  readonly #handles = new Map<BlockMemory, SharedMemory>()
  readonly #waitUntilAccepted: WaitUntilAccepted | undefined

  /**
   * @param waitUntilAccepted - For the end that may die at any time: what is in its memory is lost with
   *   it, unless the other end has mapped it before.
   */
  constructor(waitUntilAccepted?: WaitUntilAccepted) {
    this.#waitUntilAccepted = waitUntilAccepted
  }

  create(sizeBytes: number): BlockMemory {
    const memory = SharedMemory.create(sizeBytes)
    const block = {
      bytes: memory.buf,
      close: () => {
        this.#handles.delete(block)
        memory.close()
      },
    }
    this.#handles.set(block, memory)
    return block
  }

  announce(number: number, block: BlockMemory, writer: FrameWriter): boolean {
    const handle = this.#handles.get(block)?.handle
    if (!writer.tryWriteBlock(number, JSON.stringify(handle))) return false
    if (this.#waitUntilAccepted === undefined) return true
    const words = new Int32Array(block.bytes.buffer, block.bytes.byteOffset, acceptedWord + 1)
    writer.reveal()
    writer.wake()
    this.#waitUntilAccepted(number, () => Atomics.load(words, acceptedWord) === 1)
    return true
  }

  forget(number: number, writer: FrameWriter): boolean {
    return writer.tryWriteBlock(number, '')
  }

  find(): undefined {
    return undefined
  }
}
