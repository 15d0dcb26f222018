import { ByteWriter } from './byte-writer.ts'
import { extBigInt, extUtf16 } from './format.ts'

/** Writes what has no parts: numbers, strings, bytes, and the headers of what has. */
export class ScalarWriter extends ByteWriter {
  /** An integer as the smallest MessagePack integer, everything else as a float of 64 bits. */
  writeNumber(value: number): void {
    const { target } = this
    if (value >>> 0 === value) {
      if (value < 0x80) {
        if (value === 0 && 1 / value < 0) this.#writeFloat(value)
        else target[this.position++] = value
      } else if (value < 0x100) {
        target[this.position++] = 0xcc
        target[this.position++] = value
      } else if (value < 0x10000) {
        target[this.position++] = 0xcd
        this.writeUint16(value)
      } else {
        target[this.position++] = 0xce
        this.writeUint32(value)
      }
    } else if (value >> 0 === value) {
      if (value >= -0x20) target[this.position++] = value
      else if (value >= -0x80) {
        target[this.position++] = 0xd0
        target[this.position++] = value
      } else if (value >= -0x8000) {
        target[this.position++] = 0xd1
        this.writeUint16(value)
      } else {
        target[this.position++] = 0xd2
        this.writeUint32(value)
      }
    } else if (Number.isSafeInteger(value)) {
      target[this.position++] = value > 0 ? 0xcf : 0xd3
      this.writeUint32(Math.floor(value / 0x1_0000_0000))
      this.writeUint32(value)
    } else this.#writeFloat(value)
  }

  #writeFloat(value: number): void {
    const { position } = this
    this.target[position] = 0xcb
    this.view.setFloat64(position + 1, value)
    this.position = position + 9
  }

  /** A string as UTF-8; one with lone surrogates, which UTF-8 has not, as an extension in UTF-16. */
  writeString(text: string): void {
    const { length } = text
    if (length >= 64) {
      this.#writeLongString(text)
      return
    }
    if (this.position + length > this.end) this.grow(length)
    const { target } = this
    const start = this.position
    let position = start + (length < 0x20 ? 1 : 2)
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) {
        this.#writeLongString(text)
        return
      }
      target[position++] = unit
    }
    if (length < 0x20) target[start] = 0xa0 | length
    else {
      target[start] = 0xd9
      target[start + 1] = length
    }
    this.position = position
  }

  #writeLongString(text: string): void {
    let room = text.length * 3
    if (this.position + room > this.end) {
      room = Buffer.byteLength(text)
      this.reserve(room)
    }
    const guess = stringHeaderBytes(text.length)
    const { position } = this
    const bytes = this.target.write(text, position + guess, room)
    if (bytes !== text.length && !isWellFormed.call(text)) {
      this.#writeUtf16(text)
      return
    }
    const headerBytes = stringHeaderBytes(bytes)
    if (headerBytes !== guess) {
      const from = position + guess
      this.target.copyWithin(position + headerBytes, from, from + bytes)
    }
    this.#writeStringHeader(bytes)
    this.position += bytes
  }

  #writeStringHeader(bytes: number): void {
    if (bytes < 0x20) this.writeByte(0xa0 | bytes)
    else this.#writeLength(bytes, 0xd9, 0xda, 0xdb)
  }

  #writeUtf16(text: string): void {
    const bytes = text.length * 2
    this.reserve(bytes)
    this.writeExtensionHeader(extUtf16, bytes)
    this.target.write(text, this.position, bytes, 'utf16le')
    this.position += bytes
  }

  /** Any integer as an extension, so that it does not arrive as a number. */
  writeBigInt(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.writeExtensionHeader(extBigInt, 8)
      this.view.setBigInt64(this.position, value)
      this.position += 8
      return
    }
    const bytes = bigIntBytes(value)
    const hex = BigInt.asUintN(bytes * 8, value).toString(16)
    this.reserve(bytes)
    this.writeExtensionHeader(extBigInt, bytes)
    this.target.write(hex.padStart(bytes * 2, '0'), this.position, bytes, 'hex')
    this.position += bytes
  }

  /** Bytes that arrive as a `Buffer`. */
  writeBinary(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.#writeLength(bytes.length, 0xc4, 0xc5, 0xc6)
    this.writeBytes(bytes)
  }

  writeArrayHeader(length: number): void {
    if (length < 0x10) this.writeByte(0x90 | length)
    else if (length < 0x10000) {
      this.writeByte(0xdc)
      this.writeUint16(length)
    } else {
      this.writeByte(0xdd)
      this.writeUint32(length)
    }
  }

  writeExtensionHeader(type: number, bytes: number): void {
    const fixed = fixedExtensions.get(bytes)
    if (fixed === undefined) this.#writeLength(bytes, 0xc7, 0xc8, 0xc9)
    else this.writeByte(fixed)
    this.writeByte(type)
  }

  #writeLength(length: number, of8Bits: number, of16Bits: number, of32Bits: number): void {
    if (length < 0x100) {
      this.writeByte(of8Bits)
      this.writeByte(length)
    } else if (length < 0x10000) {
      this.writeByte(of16Bits)
      this.writeUint16(length)
    } else {
      this.writeByte(of32Bits)
      this.writeUint32(length)
    }
  }
}

/** How many bytes of two's complement hold an integer. */
export function bigIntBytes(value: bigint): number {
  const digits = (value < 0n ? ~value : value).toString(16)
  // One more byte where the first bit, which is the sign, is taken.
  const needsSign = digits.length % 2 === 0 && digits >= '8'
  return (digits.length + (digits.length % 2)) / 2 + (needsSign ? 1 : 0)
}

function stringHeaderBytes(bytes: number): number {
  if (bytes < 0x20) return 1
  if (bytes < 0x100) return 2
  return bytes < 0x10000 ? 3 : 5
}

const fixedExtensions: ReadonlyMap<number, number> = new Map([
  [1, 0xd4],
  [2, 0xd5],
  [4, 0xd6],
  [8, 0xd7],
  [16, 0xd8],
])

/** Node 20 has it; the types of ES2023 have not. */
const isWellFormed: (this: string) => boolean = Reflect.get(String.prototype, 'isWellFormed')
