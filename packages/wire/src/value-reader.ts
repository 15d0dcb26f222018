import { ByteReader } from './byte-reader.ts'
import { extUndefined } from './format.ts'
import { startsGraph } from './graph.ts'
import type { CachedKey, KeyCache } from './key-cache.ts'
import type { CodecLimits } from './limits.ts'
import type { ObjectSource } from './object-source.ts'
import { defineProperty, isInheritedName } from './own-property.ts'
import { readExtension } from './read-extension.ts'
import { ValueScanner } from './value-scanner.ts'

/** Reads values of any kind, one at a time. */
export class ValueReader extends ByteReader implements ObjectSource {
  readonly limits: CodecLimits
  readonly #keys: KeyCache
  readonly #scanner: ValueScanner
  /** The objects by number, in a value that has pointers. */
  #noted: unknown[] | undefined
  #isBusy = false
  #depth = 0

  constructor(limits: CodecLimits, keys: KeyCache) {
    super()
    this.limits = limits
    this.#keys = keys
    this.#scanner = new ValueScanner(limits)
  }

  /** Whether it is in the middle of a value, as when an extension decodes something itself. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Gives the value that the bytes from `start` to `end` are. */
  read(bytes: Buffer, start: number, end: number): unknown {
    this.#isBusy = true
    try {
      this.begin(bytes, start, end)
      if (this.limits.maxElements < Infinity) this.#scanner.scan(bytes, start, end)
      if (this.limits.peer === 'child') this.#openGraph()
      const value = this.readValue()
      if (this.position === end) return value
      throw this.fail(`${end - this.position} bytes follow the value`)
    } finally {
      this.release()
      this.#depth = 0
      this.#noted = undefined
      this.#isBusy = false
    }
  }

  readValue(): unknown {
    const token = this.readUint8()
    if (token < 0x80) return token
    if (token < 0x90) return this.#readObject(token & 0x0f)
    if (token < 0xa0) return this.#readArray(token & 0x0f)
    if (token < 0xc0) return this.readString(token & 0x1f)
    if (token >= 0xe0) return token - 0x100
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#readBinary(this.readUint8())
      case 0xc5:
        return this.#readBinary(this.readUint16())
      case 0xc6:
        return this.#readBinary(this.readUint32())
      case 0xc7:
        return this.#readExtension(this.readUint8())
      case 0xc8:
        return this.#readExtension(this.readUint16())
      case 0xc9:
        return this.#readExtension(this.readUint32())
      case 0xca:
        return this.bytes.readFloatBE(this.skip(4))
      case 0xcb:
        return this.readFloat64()
      case 0xcc:
        return this.readUint8()
      case 0xcd:
        return this.readUint16()
      case 0xce:
        return this.readUint32()
      case 0xcf:
        return this.readInt64(false)
      case 0xd0:
        return (this.readUint8() << 24) >> 24
      case 0xd1:
        return (this.readUint16() << 16) >> 16
      case 0xd2:
        return this.readInt32()
      case 0xd3:
        return this.readInt64(true)
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#readExtension(1 << (token - 0xd4))
      case 0xd9:
        return this.readString(this.readUint8())
      case 0xda:
        return this.readString(this.readUint16())
      case 0xdb:
        return this.readString(this.readUint32())
      case 0xdc:
        return this.#readArray(this.readUint16())
      case 0xdd:
        return this.#readArray(this.readUint32())
      case 0xde:
        return this.#readObject(this.readUint16())
      case 0xdf:
        return this.#readObject(this.readUint32())
      default:
        throw this.fail('byte 0xc1 begins no value')
    }
  }

  enter(): void {
    if (++this.#depth > this.limits.maxDepth) {
      throw this.fail(`it is nested deeper than ${this.limits.maxDepth} levels`)
    }
  }

  leave(): void {
    this.#depth--
  }

  note<Made>(object: Made): Made {
    if (this.#noted !== undefined) this.#noted.push(object)
    return object
  }

  noteLater(): (object: unknown) => void {
    const noted = this.#noted
    if (noted === undefined) return ignore
    const number = noted.push(unmade) - 1
    return (object) => {
      noted[number] = object
    }
  }

  noted(number: number): unknown {
    const noted = this.#noted
    if (noted === undefined || number >= noted.length || noted[number] === unmade) {
      throw this.fail(`pointer ${number} leads to no object`)
    }
    return noted[number]
  }

  #readArray(length: number): unknown[] {
    this.enter()
    this.assertLeft(length)
    // Longer ones grow: a few bytes that announce many items must not allocate for them.
    const array = this.note(length <= 1_024 ? Array<unknown>(length) : [])
    for (let index = 0; index < length; index++) {
      if (this.bytes[this.position] === 0xd4 && this.#skipHole()) continue
      array[index] = this.readValue()
    }
    // Where the last items of a long one are holes.
    if (array.length < length) array.length = length
    this.#depth--
    return array
  }

  #skipHole(): boolean {
    const { bytes, position, end } = this
    const isHole =
      end - position >= 3 && bytes[position + 1] === extUndefined && bytes[position + 2] === 1
    if (isHole) this.position += 3
    return isHole
  }

  #readObject(count: number): object {
    this.enter()
    this.assertLeft(count * 2)
    const object = this.note<Record<string, unknown>>({})
    let previous = this.#keys.start
    for (let index = 0; index < count; index++) {
      const key = this.#readKey(previous)
      if (key === undefined) {
        const name = this.readValue()
        if (typeof name !== 'string') return this.#readMap(object, name, count - index)
        if (isInheritedName(name)) defineProperty(object, name, this.readValue())
        else object[name] = this.readValue()
      } else {
        previous = key
        if (key.isInherited) defineProperty(object, key.text, this.readValue())
        else object[key.text] = this.readValue()
      }
    }
    this.#depth--
    return object
  }

  #readKey(previous: CachedKey): CachedKey | undefined {
    const { bytes, position, end } = this
    const length = bytes[position]! - 0xa0
    if (!(length >= 0 && length < 0x20 && length < end - position)) return undefined
    const key = this.#keys.find(previous, bytes, position + 1, length)
    if (key !== undefined) this.position = position + 1 + length
    return key
  }

  /** Other languages have keys of other types in what is a map there; so it is one here. */
  #readMap(object: object, firstKey: unknown, count: number): Map<unknown, unknown> {
    if (this.#noted !== undefined) throw this.fail('a key of an object is no string')
    const map = new Map<unknown, unknown>(Object.entries(object))
    map.set(firstKey, this.readValue())
    for (let index = 1; index < count; index++) map.set(this.readValue(), this.readValue())
    this.#depth--
    return map
  }

  #readBinary(length: number): Buffer {
    const start = this.skip(length)
    const copy = Buffer.allocUnsafe(length)
    this.bytes.copy(copy, 0, start, start + length)
    return this.note(copy)
  }

  #readExtension(length: number): unknown {
    const type = (this.readUint8() << 24) >> 24
    this.assertLeft(length)
    return readExtension(this, type, length)
  }

  #openGraph(): void {
    if (!startsGraph(this.bytes, this.position, this.end)) return
    this.skip(1)
    const length = this.readUint32()
    this.skip(1)
    this.assertLeft(length)
    this.#noted = []
  }
}

function ignore(): void {}

const unmade = Symbol('an object that is not made yet')
