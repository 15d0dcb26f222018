import { endianness } from 'node:os'
import { RingCorruptedError } from './ring-errors.ts'

/*
 * The memory of a ring, in 32-bit words of the machine's byte order:
 *
 *   byte   0  magic, capacity in bytes                         written once
 *   byte 128  tail: where the next record will be written      written by the writer
 *   byte 256  head: up to where records are released           written by the reader
 *   byte 384  a number while the reader is parked, or 0         set by the reader, cleared by both
 *   byte 512  the same for the writer, and how many bytes are   set by the writer, cleared by both
 *             to be free when it is woken
 *   byte 640  the data, a power of two of bytes
 *
 * What the two sides write stands 128 bytes apart, since processors fetch cache lines in pairs. Head
 * and tail are counts of bytes modulo 2^32; their place in the data is their remainder by the
 * capacity. A record is a word with its length and its bytes, padded to whole words; it never wraps:
 * where it does not fit before the end of the data, the word there is `skipToStart` and the record is
 * at the start.
 */

/** How much of the memory of a ring is not for records. */
const ringHeaderBytes = 640

export const tailWord = 32
export const headWord = 64
export const readerParkedWord = 96
export const writerParkedWord = 128
export const writerWakeAtWord = 129

/** Instead of a length: the rest of the data, up to its end, is not used. */
export const skipToStart = -1

/** The word before each record. */
export const lengthBytes = 4

const magicWord = 0
const capacityWord = 1
const magic = 0x6d70_7372 + (endianness() === 'LE' ? 0 : 1)
const minCapacityBytes = 64
const maxCapacityBytes = 2 ** 30

/**
 * How much memory a ring needs that holds `capacityBytes` of records, with 4 to 7 bytes for each
 * record: the next power of two, and 640 bytes.
 *
 * @throws {RangeError} When it is no integer from 1 to 1 GiB.
 */
export function ringMemoryBytes(capacityBytes: number): number {
  if (!Number.isInteger(capacityBytes) || capacityBytes < 1 || capacityBytes > maxCapacityBytes) {
    throw new RangeError(`the capacity of a ring is 1 to 2^30 bytes, not ${capacityBytes}`)
  }
  return ringHeaderBytes + Math.max(minCapacityBytes, 2 ** Math.ceil(Math.log2(capacityBytes)))
}

/**
 * Makes an empty ring of memory that two sides share: do it once, before either has a `RingWriter`
 * or `RingReader` on it.
 *
 * @param memory - As many bytes as `ringMemoryBytes` says, of which the first is at a multiple of 4
 *   in its buffer (best a multiple of 128).
 * @throws {RangeError} When the memory has another size or place.
 */
export function initializeRing(memory: Uint8Array): void {
  const { words, capacityBytes } = ringWords(memory)
  words.fill(0)
  words[capacityWord] = capacityBytes
  Atomics.store(words, magicWord, magic)
}

/** The two parts of the memory of a ring. */
export interface RingMemory {
  /** The header. */
  readonly words: Int32Array
  readonly capacityBytes: number
  /** The bytes of the data, and the same as words. */
  readonly data: Buffer
  readonly lengths: Int32Array
}

/**
 * Finds the parts of a ring.
 *
 * @throws {RangeError} When the memory cannot be that of a ring.
 * @throws {RingCorruptedError} When it was not initialised, or for another size.
 */
export function openRing(memory: Uint8Array): RingMemory {
  const { words, capacityBytes } = ringWords(memory)
  for (const [word, expected] of [
    [magicWord, magic],
    [capacityWord, capacityBytes],
  ] as const) {
    const value = Atomics.load(words, word)
    if (value !== expected) throw new RingCorruptedError({ part: 'layout', value })
  }
  const start = memory.byteOffset + ringHeaderBytes
  return {
    words,
    capacityBytes,
    data: Buffer.from(memory.buffer, start, capacityBytes),
    lengths: new Int32Array(memory.buffer, start, capacityBytes / lengthBytes),
  }
}

/** The bytes of the largest record that a ring of this capacity takes at every place in it. */
export function maxRecordBytes(capacityBytes: number): number {
  return capacityBytes / 2 - lengthBytes
}

/** How many bytes lie between two positions; -1 where they cannot be those of one ring. */
export function ringDistance(head: number, tail: number, maxBytes: number): number {
  const bytes = (tail - head) | 0
  return bytes < 0 || bytes > maxBytes || (bytes & 3) !== 0 ? -1 : bytes
}

function ringWords(memory: Uint8Array): { words: Int32Array; capacityBytes: number } {
  const capacityBytes = memory.byteLength - ringHeaderBytes
  const fits =
    capacityBytes >= minCapacityBytes &&
    capacityBytes <= maxCapacityBytes &&
    Number.isInteger(Math.log2(capacityBytes))
  if (!fits) {
    throw new RangeError(
      `${memory.byteLength} bytes are no memory for a ring: it takes ringMemoryBytes(capacityBytes) bytes`,
    )
  }
  if (memory.byteOffset % lengthBytes !== 0) {
    throw new RangeError(`a ring cannot begin at byte ${memory.byteOffset} of its buffer`)
  }
  const words = new Int32Array(memory.buffer, memory.byteOffset, ringHeaderBytes / lengthBytes)
  return { words, capacityBytes }
}
