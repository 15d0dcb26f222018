import { ProtocolError } from '@mpservice/wire'
import { claim, claimOffset, headerBytes, largePayload } from './frame.ts'

/**
 * A frame in memory that belongs to others, such as a ring: valid only while it is being looked at.
 * One view serves all frames of a channel, one after the other.
 */
export class FrameView {
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  #words: Int32Array = new Int32Array(0)

  /** @throws {ProtocolError} When the frame is shorter than a header. */
  show(bytes: Buffer, start: number, end: number): void {
    if (end - start < headerBytes) {
      throw new ProtocolError(`a frame of ${end - start} bytes is shorter than a header`)
    }
    this.#bytes = bytes
    this.#start = start
    this.#end = end
  }

  get kind(): number {
    return this.#bytes[this.#start]!
  }

  get isLarge(): boolean {
    return (this.#bytes[this.#start + 1]! & largePayload) !== 0
  }

  get attempt(): number {
    return this.#bytes.readUInt16LE(this.#start + 2)
  }

  get id(): number {
    return this.#bytes.readDoubleLE(this.#start + 8)
  }

  get timeMs(): number {
    return this.#bytes.readDoubleLE(this.#start + 16)
  }

  /**
   * Claims the task of a frame in shared memory for its worker; gives whether the server had not
   * withdrawn it.
   *
   * @throws {ProtocolError} When the frame does not say who has the task.
   */
  tryBegin(): boolean {
    if (this.#words.buffer !== this.#bytes.buffer) this.#words = new Int32Array(this.#bytes.buffer)
    const word = (this.#bytes.byteOffset + this.#start + claimOffset) >> 2
    const before = Atomics.compareExchange(this.#words, word, claim.waiting, claim.begun)
    if (before === claim.waiting) return true
    if (before === claim.withdrawn) return false
    throw new ProtocolError(`a task whose claim is ${before}`)
  }

  /** Where the payload is: `bytes` from `payloadStart` to `payloadEnd`. */
  get bytes(): Buffer {
    return this.#bytes
  }

  get payloadStart(): number {
    return this.#start + headerBytes
  }

  get payloadEnd(): number {
    return this.#end
  }
}
