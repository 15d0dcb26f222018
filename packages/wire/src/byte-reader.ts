import { decodeUtf8, looksAscii, shortAscii } from './decode-text.ts'
import { DecodeError } from './errors.ts'

/** Reads what has no parts: numbers and strings. Never reads past the end of the value. */
export class ByteReader {
  bytes: Buffer = noBuffer
  /** Where the next byte is. */
  position = 0
  /** Where the value ends. */
  end = 0
  #start = 0
  /** The same memory as `bytes`, in a value that may hold many floats. */
  #view: DataView | undefined

  protected begin(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.position = start
    this.end = end
    this.#start = start
  }

  /** Forgets the bytes, which would be kept in memory otherwise. */
  protected release(): void {
    this.bytes = noBuffer
    this.#view = undefined
  }

  /** The error for bytes that are no value, at the place that was reached. */
  fail(reason: string, options?: ErrorOptions): DecodeError {
    return new DecodeError(reason, { offset: this.position - this.#start }, options)
  }

  /** Passes over `length` bytes, which must be there, and gives where they begin. */
  skip(length: number): number {
    const { position } = this
    this.assertLeft(length)
    this.position = position + length
    return position
  }

  /** Throws unless so many bytes follow. */
  assertLeft(bytes: number): void {
    const left = this.end - this.position
    if (bytes > left) throw this.fail(`${bytes} bytes are announced and ${left} left`)
  }

  readUint8(): number {
    return this.bytes[this.skip(1)]!
  }

  readUint16(): number {
    const at = this.skip(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  readUint32(): number {
    return this.readInt32() >>> 0
  }

  readInt32(): number {
    const at = this.skip(4)
    const { bytes } = this
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  /** An integer of 64 bits: a number where a number holds it exactly, else a BigInt. */
  readInt64(isSigned: boolean): number | bigint {
    const high = isSigned ? this.readInt32() : this.readUint32()
    const low = this.readUint32()
    const value = high * 0x1_0000_0000 + low
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low)
  }

  readFloat64(): number {
    const at = this.skip(8)
    if (this.#view !== undefined) return this.#view.getFloat64(at)
    const { bytes, end } = this
    if (end - at < worthAView) return bytes.readDoubleBE(at)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#view.getFloat64(at)
  }

  /** A string of `length` bytes; what is no UTF-8 in it becomes U+FFFD. */
  readString(length: number): string {
    const at = this.skip(length)
    const { bytes } = this
    if (length < 24) return shortAscii(bytes, at, length) ?? decodeUtf8(bytes, at, at + length)
    return looksAscii(bytes, at, length)
      ? bytes.toString('utf8', at, at + length)
      : decodeUtf8(bytes, at, at + length)
  }
}

const noBuffer = Buffer.alloc(0)
/** From so many bytes on, making a view takes less time than it saves. */
const worthAView = 256
