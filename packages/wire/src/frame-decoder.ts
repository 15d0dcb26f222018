import { FrameTooLargeError } from './errors.ts'
import { assertPayloadFits, frameHeaderBytes, type FrameOptions, maxPayloadBytes } from './frame.ts'
import { PartialPayload } from './partial-payload.ts'

/** Cuts a stream of bytes into the payloads of its frames, however it is cut into chunks. */
export class FrameDecoder {
  readonly #maxFrameBytes: number
  readonly #header = Buffer.alloc(frameHeaderBytes)
  /** How much of a header is there; 0 once it was used. */
  #headerBytes = 0
  /** The payload that is not complete yet, if its header is. */
  #partial: PartialPayload | undefined
  #failure: FrameTooLargeError | undefined

  /** @throws {RangeError} When `maxFrameBytes` is no integer above zero and below 4 GiB. */
  constructor(options: FrameOptions = {}) {
    this.#maxFrameBytes = maxPayloadBytes(options)
  }

  /**
   * Takes the next bytes of the stream and gives the payloads that are complete with them, in order.
   *
   * A payload that lies in this chunk as a whole is a view into it, without a copy: use it before
   * the chunk's memory is used again. Any other one is memory of its own.
   *
   * @throws {FrameTooLargeError} When a frame announces more than `maxFrameBytes`, before memory is
   *   allocated for it. Where other payloads are complete with this chunk, they are given and only
   *   `failure` is set; from then on each call throws.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure
    const payloads: Uint8Array[] = []
    let position = 0
    try {
      while (position < chunk.length) position = this.#take(chunk, position, payloads)
    } catch (error) {
      if (!(error instanceof FrameTooLargeError)) throw error
      this.#failure = error
      if (payloads.length === 0) throw error
    }
    return payloads
  }

  /** Why no more frames can be taken, if so. */
  get failure(): FrameTooLargeError | undefined {
    return this.#failure
  }

  /**
   * How many bytes of an incomplete frame are held, its header included. More than 0 at the end of
   * the stream: the other side broke off in the middle of a frame.
   */
  get partialBytes(): number {
    return this.#partial === undefined
      ? this.#headerBytes
      : frameHeaderBytes + this.#partial.filledBytes
  }

  /** Takes a part of the chunk and gives where the rest of it begins. */
  #take(chunk: Uint8Array, position: number, payloads: Uint8Array[]): number {
    if (this.#partial !== undefined) return this.#fill(this.#partial, chunk, position, payloads)
    if (this.#headerBytes > 0 || chunk.length - position < frameHeaderBytes) {
      return this.#takeHeaderByte(chunk[position]!, payloads) + position
    }
    const start = position + frameHeaderBytes
    const length = readLength(chunk, position)
    assertPayloadFits(length, this.#maxFrameBytes)
    const end = start + length
    if (end > chunk.length) {
      this.#partial = new PartialPayload(length)
      return start
    }
    payloads.push(chunk.subarray(start, end))
    return end
  }

  #takeHeaderByte(byte: number, payloads: Uint8Array[]): number {
    this.#header[this.#headerBytes++] = byte
    if (this.#headerBytes < frameHeaderBytes) return 1
    const length = readLength(this.#header, 0)
    assertPayloadFits(length, this.#maxFrameBytes)
    this.#headerBytes = 0
    if (length === 0) payloads.push(Buffer.alloc(0))
    else this.#partial = new PartialPayload(length)
    return 1
  }

  #fill(
    partial: PartialPayload,
    chunk: Uint8Array,
    position: number,
    payloads: Uint8Array[],
  ): number {
    const end = partial.fill(chunk, position)
    if (partial.isComplete) {
      payloads.push(partial.bytes)
      this.#partial = undefined
    }
    return end
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
  return low + bytes[at + 3]! * 0x100_0000
}
