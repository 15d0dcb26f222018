import { ProtocolError } from '@mpservice/wire'
import {
  claim,
  claimOffset,
  fixedBatches,
  headerBytes,
  largePayload,
  moreOfBatch,
  skippedItem,
} from './frame.ts'

/**
 * A frame in memory that belongs to others, such as a ring: valid only while it is being looked at.
 * One view serves all frames of a channel, one after the other.
 */
export class FrameView {
  /** All of the memory that the frame is in, and where it begins there. */
  #view = new DataView<ArrayBufferLike>(new ArrayBuffer(0))
  #words: Int32Array = new Int32Array(0)
  #place = 0
  #start = 0

  /** @throws {ProtocolError} When the frame is shorter than a header. */
  show(bytes: Buffer, start: number, end: number): void {
    if (end - start < headerBytes) {
      throw new ProtocolError(`a frame of ${end - start} bytes is shorter than a header`)
    }
    // Frames of a ring are always in the same memory.
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer)
    this.#place = bytes.byteOffset + start
    this.#start = start
  }

  get kind(): number {
    return this.#view.getUint8(this.#place)
  }

  get isLarge(): boolean {
    return (this.#view.getUint8(this.#place + 1) & largePayload) !== 0
  }

  get isMoreOfBatch(): boolean {
    return (this.#view.getUint8(this.#place + 1) & moreOfBatch) !== 0
  }

  get isSkipped(): boolean {
    return (this.#view.getUint8(this.#place + 1) & skippedItem) !== 0
  }

  get hasFixedBatches(): boolean {
    return (this.#view.getUint8(this.#place + 1) & fixedBatches) !== 0
  }

  get attempt(): number {
    return this.#view.getUint16(this.#place + 2, true)
  }

  get epoch(): number {
    return this.#view.getUint32(this.#place + 4, true)
  }

  get id(): number {
    return this.#view.getFloat64(this.#place + 8, true)
  }

  get timeMs(): number {
    return this.#view.getFloat64(this.#place + 16, true)
  }

  /**
   * Claims the task of a frame in shared memory for its worker; gives whether the server had not
   * withdrawn it.
   *
   * @throws {ProtocolError} When the frame does not say who has the task.
   */
  tryBegin(): boolean {
    const { buffer } = this.#view
    if (this.#words.buffer !== buffer) this.#words = new Int32Array(buffer)
    const word = (this.#place + claimOffset) >> 2
    const before = Atomics.compareExchange(this.#words, word, claim.waiting, claim.begun)
    if (before === claim.waiting) return true
    if (before === claim.withdrawn) return false
    throw new ProtocolError(`a task whose claim is ${before}`)
  }

  /** Where the payload begins in the bytes that were shown. */
  get payloadStart(): number {
    return this.#start + headerBytes
  }
}
