import { doesNotFit } from './byte-writer.ts'
import { DecodeError, EncodeError, FrameTooLargeError } from './errors.ts'
import { KeyCache } from './key-cache.ts'
import { type CodecLimits, type CodecOptions, type Peer, resolveLimits } from './limits.ts'
import { showThrown, toEncodeError } from './refusal.ts'
import { registerErrors } from './register-errors.ts'
import { ValueReader } from './value-reader.ts'
import { ValueScanner } from './value-scanner.ts'
import { ValueWriter } from './value-writer.ts'

/**
 * Makes bytes of values and values of bytes, for one kind of peer. It keeps nothing from one value to
 * the next, so one codec can serve any number of peers, and an error leaves it as it was.
 */
export interface Codec {
  /** Who is at the other end. */
  readonly peer: Peer
  /** The most bytes that an encoded value has. */
  readonly maxFrameBytes: number
  /**
   * Gives the bytes of a value. They belong to the caller and are never written again; small ones
   * share memory with others, as those of `Buffer.from` do.
   *
   * @throws {EncodeError} When something in the value cannot be carried.
   * @throws {FrameTooLargeError} When there would be more than `maxFrameBytes`.
   */
  encode(value: unknown): Buffer
  /**
   * Gives the bytes of a value after `headerBytes` zero bytes, which are for the caller to fill in.
   *
   * @throws {EncodeError} When something in the value cannot be carried.
   * @throws {FrameTooLargeError} When the value alone would have more than `maxFrameBytes`.
   * @throws {RangeError} When `headerBytes` is no integer or negative.
   */
  encodeAfter(headerBytes: number, value: unknown): Buffer
  /**
   * Writes the bytes of a value into the caller's buffer, from `offset` on, and gives the offset
   * after the last one; −1 where there is too little room, for which 32 bytes more than needed may
   * count. What is behind the offset may then have been written over. The codec keeps the buffer
   * alive until it is given another one.
   *
   * @throws {EncodeError} When something in the value cannot be carried.
   * @throws {FrameTooLargeError} When there are more than `maxFrameBytes`.
   * @throws {RangeError} When `offset` is no integer or negative.
   */
  encodeInto(target: Uint8Array, offset: number, value: unknown): number
  /**
   * Gives the value that the bytes from `start` to `end` are, all of them. It shares no memory with
   * them. A `Buffer` is read faster than another `Uint8Array`, and shared memory several times slower
   * than other memory.
   *
   * @throws {DecodeError} When they are not one value that this codec accepts.
   * @throws {FrameTooLargeError} When they are more than `maxFrameBytes`.
   * @throws {RangeError} When there are no such bytes.
   */
  decode(bytes: Uint8Array, start?: number, end?: number): unknown
}

/**
 * Makes a codec.
 *
 * @example
 *   const codec = createCodec({ peer: 'child' })
 *   codec.decode(codec.encode(new Map([['answer', 42n]])))
 *
 * @throws {RangeError} When a limit is no integer above zero.
 * @throws {TypeError} When there is no such peer.
 */
export function createCodec(options: CodecOptions): Codec {
  return new ValueCodec(resolveLimits(options))
}

registerErrors()

class ValueCodec implements Codec {
  readonly #limits: CodecLimits
  readonly #writer: ValueWriter
  readonly #reader: ValueReader
  readonly #scanner: ValueScanner
  readonly #keys = new KeyCache()

  constructor(limits: CodecLimits) {
    this.#limits = limits
    this.#writer = new ValueWriter(limits)
    this.#reader = new ValueReader(limits, this.#keys)
    this.#scanner = new ValueScanner(limits)
  }

  get peer(): Peer {
    return this.#limits.peer
  }

  get maxFrameBytes(): number {
    return this.#limits.maxFrameBytes
  }

  encode(value: unknown): Buffer {
    return this.encodeAfter(0, value)
  }

  encodeAfter(headerBytes: number, value: unknown): Buffer {
    assertCount('headerBytes', headerBytes)
    let bytes: Buffer
    try {
      bytes = this.#freeWriter().write(headerBytes, value)
    } catch (error) {
      throw toEncodeError(error)
    }
    this.#assertFewElements(bytes, headerBytes, bytes.length)
    return bytes
  }

  encodeInto(target: Uint8Array, offset: number, value: unknown): number {
    assertCount('offset', offset)
    const buffer = asBuffer(target)
    let end: number
    try {
      end = this.#freeWriter().writeInto(buffer, offset, value)
    } catch (error) {
      if (error === doesNotFit) return -1
      throw toEncodeError(error)
    }
    this.#assertFewElements(buffer, offset, end)
    return end
  }

  decode(bytes: Uint8Array, start = 0, end: number = bytes.length): unknown {
    const { maxFrameBytes } = this.#limits
    if (end - start > maxFrameBytes) {
      throw new FrameTooLargeError({ bytes: end - start, maxFrameBytes })
    }
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`there are no bytes ${start} to ${end} in ${bytes.length} bytes`)
    }
    const reader = this.#freeReader()
    try {
      return reader.read(asBuffer(bytes), start, end)
    } catch (error) {
      if (error instanceof DecodeError) throw error
      throw reader.fail(showThrown(error), { cause: error })
    }
  }

  /** A getter of the value, or an extension, may encode something in the midst of it. */
  #freeWriter(): ValueWriter {
    return this.#writer.isBusy ? new ValueWriter(this.#limits) : this.#writer
  }

  #freeReader(): ValueReader {
    return this.#reader.isBusy ? new ValueReader(this.#limits, this.#keys) : this.#reader
  }

  /** Only what is long can have more elements than allowed, since each takes a byte at least. */
  #assertFewElements(bytes: Buffer, start: number, end: number): void {
    const { maxElements } = this.#limits
    if (end - start <= maxElements) return
    try {
      this.#scanner.scan(bytes, start, end)
    } catch (error) {
      throw new EncodeError(
        `$ has more than ${maxElements} elements`,
        { path: '$', kind: 'elements' },
        { cause: error },
      )
    }
  }
}

function assertCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return
  throw new RangeError(`${name} is an integer that is not negative, not ${count}`)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
