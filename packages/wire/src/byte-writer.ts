import { FrameTooLargeError } from './errors.ts'

/** Thrown, and caught again by its thrower's caller, when bytes do not fit into a given buffer. */
export const doesNotFit: Error = new Error('the value does not fit into the buffer')

/**
 * Writes the bytes of one value after the other into buffers that it allocates in chunks; what
 * `finish` gave is never written again.
 *
 * After `reserve(n)` there is room for `n` bytes and a header or number more, which therefore need no
 * check of their own.
 */
export class ByteWriter {
  /** Where the bytes go; it may be another buffer after each `reserve`. */
  protected target: Buffer = noBuffer
  /** The same memory, for numbers of more than one byte. */
  protected view: DataView = noView
  /** Where in `target` the next byte goes. */
  protected position = 0
  /** Up to where `position` needs no `grow`. */
  protected end = 0
  readonly #maxFrameBytes: number
  #start = 0
  #headerBytes = 0
  #isTargetGiven = false
  /** What `view` was made for; making one takes longer than writing a small value. */
  #viewed: Buffer = noBuffer
  #chunk: Buffer = noBuffer
  #chunkPosition = 0

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Starts a value that follows `headerBytes` zero bytes. */
  protected begin(headerBytes: number): void {
    if (this.#chunk.length - this.#chunkPosition < smallestStart) {
      this.#chunk = Buffer.allocUnsafeSlow(chunkBytes)
      this.#chunkPosition = 0
    }
    this.#aim(this.#chunk, this.#chunkPosition, false)
    this.#headerBytes = headerBytes
    if (headerBytes > 0) this.#writeHeader(headerBytes)
  }

  /** Starts a value inside a buffer of the caller. */
  protected beginIn(target: Buffer, offset: number): void {
    this.#aim(target, offset, true)
    this.#headerBytes = 0
  }

  /** Ends the value and gives its bytes, header first. */
  protected finish(): Buffer {
    const { target, position } = this
    this.#assertFrameFits(this.writtenBytes)
    if (target.length === chunkBytes) {
      this.#chunk = target
      this.#chunkPosition = position
    }
    return target.subarray(this.#start, position)
  }

  /** Ends the value inside the buffer of the caller and gives the offset after its last byte. */
  protected finishIn(): number {
    this.#assertFrameFits(this.writtenBytes)
    return this.position
  }

  /** Lets go of memory that was for one large value only. */
  protected release(): void {
    if (!this.#isTargetGiven && this.target.length !== chunkBytes) this.#aim(noBuffer, 0, false)
  }

  /** The bytes of the value so far, without the header; a place in it, whatever `target` is. */
  protected get writtenBytes(): number {
    return this.position - this.#start - this.#headerBytes
  }

  /** Makes room for `bytes` more, all of which will be written. */
  reserve(bytes: number): void {
    if (this.position + bytes > this.end) this.grow(bytes)
  }

  /** Copies bytes as they are. */
  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.target.set(bytes, this.position)
    this.position += bytes.length
  }

  writeByte(byte: number): void {
    this.target[this.position++] = byte
  }

  writeUint16(value: number): void {
    const { target, position } = this
    target[position] = value >> 8
    target[position + 1] = value
    this.position = position + 2
  }

  writeUint32(value: number): void {
    const { target, position } = this
    target[position] = value >> 24
    target[position + 1] = value >> 16
    target[position + 2] = value >> 8
    target[position + 3] = value
    this.position = position + 4
  }

  /** Opens a gap of `bytes` before what was written since `place`, which `writtenBytes` gave. */
  protected openGap(place: number, bytes: number): void {
    this.reserve(bytes)
    const from = this.#start + this.#headerBytes + place
    this.target.copyWithin(from + bytes, from, this.position)
    this.position += bytes
  }

  /** Writes over a byte at a place that `writtenBytes` gave. */
  protected patchByte(place: number, byte: number): void {
    this.target[this.#start + this.#headerBytes + place] = byte
  }

  protected patchUint16(place: number, value: number): void {
    this.patchByte(place, value >> 8)
    this.patchByte(place + 1, value)
  }

  protected patchUint32(place: number, value: number): void {
    this.patchUint16(place, value >>> 16)
    this.patchUint16(place + 2, value)
  }

  protected grow(bytes: number): void {
    if (this.#isTargetGiven) throw doesNotFit
    this.#assertFrameFits(this.writtenBytes + bytes)
    const used = this.position - this.#start
    // Twice as large, so that growing step by step copies each byte only about once.
    const twice = Math.min(used * 2, this.#maxFrameBytes + this.#headerBytes)
    const larger = Buffer.allocUnsafeSlow(Math.max(twice, chunkBytes) + bytes + slackBytes)
    this.target.copy(larger, 0, this.#start, this.position)
    this.#aim(larger, 0, false)
    this.position = used
  }

  #aim(target: Buffer, start: number, isGiven: boolean): void {
    if (target !== this.#viewed) {
      this.#viewed = target
      this.view = new DataView(target.buffer, target.byteOffset, target.byteLength)
    }
    this.target = target
    this.position = start
    this.end = target.length - slackBytes
    this.#start = start
    this.#isTargetGiven = isGiven
  }

  /** Zeros, because a new buffer holds whatever was in memory. */
  #writeHeader(bytes: number): void {
    if (this.position + bytes > this.end) this.grow(bytes)
    this.target.fill(0, this.position, this.position + bytes)
    this.position += bytes
  }

  #assertFrameFits(bytes: number): void {
    if (bytes > this.#maxFrameBytes) {
      throw new FrameTooLargeError({ bytes, maxFrameBytes: this.#maxFrameBytes })
    }
  }
}

const noBuffer = Buffer.alloc(0)
const noView = new DataView(new ArrayBuffer(0))
const chunkBytes = 32 * 1024
/** Less than this left, and the next value starts in a new chunk. */
const smallestStart = 1024
/** Room for the longest header or number. */
const slackBytes = 32
