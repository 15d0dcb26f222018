import { ByteReader } from './byte-reader.ts'
import { findExtensionFault } from './extension-rules.ts'
import { holdsValue } from './format.ts'
import { graphHeaderBytes, startsGraph } from './graph.ts'
import type { CodecLimits } from './limits.ts'

/**
 * Checks the bytes of a value without making any of it: that they are one whole value, how deep and
 * how many its parts are, and that its extensions are accepted. Takes time in proportion to the
 * parts, and no memory.
 */
export class ValueScanner extends ByteReader {
  readonly #limits: CodecLimits
  /** How many values are to come in the innermost open container. */
  #left = 0
  /** How many containers are open. */
  #depth = 0
  /** For each open container, how many values are to come in the one around it. */
  readonly #leftAround: number[] = []
  /** For each open container, where it must end; −1 where its bytes are not counted. */
  readonly #ends: number[] = []
  #elements = 0

  constructor(limits: CodecLimits) {
    super()
    this.#limits = limits
  }

  /** @throws {DecodeError} When the bytes from `start` to `end` are not one value within the limits. */
  scan(bytes: Buffer, start: number, end: number): void {
    const isGraph = this.#limits.peer === 'child' && startsGraph(bytes, start, end)
    this.begin(bytes, isGraph ? start + graphHeaderBytes : start, end)
    this.#elements = 1
    this.#left = 1
    this.#depth = 0
    try {
      while (this.#left > 0 || this.#close()) this.#scanSiblings()
      if (this.position > end) throw this.fail('the value has no end')
      if (this.position < end) throw this.fail(`${end - this.position} bytes follow the value`)
    } finally {
      this.release()
    }
  }

  /** Closes containers whose values were all scanned; false when none is left. */
  #close(): boolean {
    while (this.#left === 0) {
      if (this.#depth === 0) return false
      const depth = --this.#depth
      const end = this.#ends[depth]!
      if (end !== -1 && end !== this.position) throw this.fail('an extension has another length')
      this.#left = this.#leftAround[depth]!
    }
    return true
  }

  #open(count: number, end: number): void {
    // Each value takes a byte at least.
    this.assertLeft(count)
    this.#elements += count
    const { maxElements, maxDepth } = this.#limits
    if (this.#elements > maxElements) throw this.fail(`there are more than ${maxElements} elements`)
    const depth = this.#depth++
    if (depth === maxDepth) throw this.fail(`it is nested deeper than ${maxDepth} levels`)
    this.#leftAround[depth] = this.#left
    this.#ends[depth] = end
    this.#left = count
  }

  /** Passes over values up to the first that has parts, or to the end of their container. */
  #scanSiblings(): void {
    const { bytes, end } = this
    let { position } = this
    let left = this.#left
    let token = 0
    let size = 1
    while (left > 0 && size > 0) {
      if (position >= end) throw this.fail('the value has no end')
      token = bytes[position]!
      size = sizes[token]!
      position += size
      left--
    }
    this.position = position
    this.#left = left
    if (size === 0) this.#scanLong(token)
  }

  #scanLong(token: number): void {
    this.position++
    if (token < 0x90) this.#open((token & 0x0f) * 2, -1)
    else if (token < 0xa0) this.#open(token & 0x0f, -1)
    else {
      switch (token) {
        case 0xc4:
        case 0xd9:
          this.skip(this.readUint8())
          return
        case 0xc5:
        case 0xda:
          this.skip(this.readUint16())
          return
        case 0xc6:
        case 0xdb:
          this.skip(this.readUint32())
          return
        case 0xc7:
          this.#scanExtension(this.readUint8())
          return
        case 0xc8:
          this.#scanExtension(this.readUint16())
          return
        case 0xc9:
          this.#scanExtension(this.readUint32())
          return
        case 0xdc:
          this.#open(this.readUint16(), -1)
          return
        case 0xdd:
          this.#open(this.readUint32(), -1)
          return
        case 0xde:
          this.#open(this.readUint16() * 2, -1)
          return
        case 0xdf:
          this.#open(this.readUint32() * 2, -1)
          return
        case 0xc1:
          throw this.fail('byte 0xc1 begins no value')
        default:
          this.#scanExtension(1 << (token - 0xd4))
      }
    }
  }

  #scanExtension(length: number): void {
    const type = (this.readUint8() << 24) >> 24
    this.assertLeft(length)
    const { bytes, position } = this
    const fault = findExtensionFault(type, length, bytes[position]!, this.#limits)
    if (fault !== undefined) throw this.fail(fault)
    if (holdsValue(type)) this.#open(1, position + length)
    else this.skip(length)
  }
}

const fixedSizes: ReadonlyMap<number, number> = new Map([
  [0xc0, 1],
  [0xc2, 1],
  [0xc3, 1],
  [0xca, 5],
  [0xcb, 9],
  [0xcc, 2],
  [0xcd, 3],
  [0xce, 5],
  [0xcf, 9],
  [0xd0, 2],
  [0xd1, 3],
  [0xd2, 5],
  [0xd3, 9],
])

/** How many bytes a value has, by its first one; 0 where that alone does not tell. */
const sizes = Uint8Array.from({ length: 0x100 }, (_, token) => sizeOf(token))

function sizeOf(token: number): number {
  if (token < 0x80 || token >= 0xe0) return 1
  if (token >= 0xa0 && token < 0xc0) return 1 + (token & 0x1f)
  return fixedSizes.get(token) ?? 0
}
