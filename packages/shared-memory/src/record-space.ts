import { RecordTooLargeError, RingCorruptedError } from './ring-errors.ts'
import {
  headWord,
  lengthBytes,
  maxRecordBytes,
  ringDistance,
  type RingMemory,
  skipToStart,
  tailWord,
} from './ring-layout.ts'

/** Where the writer of a ring puts records, and how much room there is for them. */
export class RecordSpace {
  readonly maxRecordBytes: number

  readonly #words: Int32Array
  readonly #lengths: Int32Array
  readonly #capacityBytes: number
  /** Where the next record goes: as a count of bytes, and as a place in the data. */
  #tail: number
  #place: number
  /** The place up to which may be written, as far as is known. */
  #limit: number
  /** How many free bytes the last refused record needs. */
  #wanted: number = lengthBytes
  #failure: RingCorruptedError | undefined

  /** @throws {RingCorruptedError} When the ring holds what no ring can hold. */
  constructor({ words, lengths, capacityBytes }: RingMemory) {
    this.maxRecordBytes = maxRecordBytes(capacityBytes)
    this.#words = words
    this.#lengths = lengths
    this.#capacityBytes = capacityBytes
    this.#tail = Atomics.load(words, tailWord)
    this.#place = this.#tail & (capacityBytes - 1)
    this.#limit = this.#place
    if ((this.#tail & 3) !== 0) throw new RingCorruptedError({ part: 'tail', value: this.#tail })
    this.countFree()
  }

  /** Up to where the records are, those that nobody can see yet, too. */
  get tail(): number {
    return this.#tail
  }

  /** Up to where in the data a record may reach that begins where the last one was found. */
  get limit(): number {
    return this.#limit
  }

  /** How many bytes are to be free before the record fits that was refused last. */
  get wantedBytes(): number {
    return this.#wanted
  }

  /** Finds where in the data the bytes of a record may be written; -1 when there is no room. */
  find(bytes: number): number {
    if (bytes > this.maxRecordBytes) this.assertNotTooLarge(bytes)
    const needed = (bytes + 7) & ~3
    if (this.#place + needed > this.#limit && !this.#makeRoom(needed)) return -1
    return this.#place + lengthBytes
  }

  /** Makes a record of the bytes that were written where it was found. */
  append(start: number, bytes: number): void {
    const needed = (bytes + 7) & ~3
    this.#lengths[(start >> 2) - 1] = bytes
    this.#tail = (this.#tail + needed) | 0
    this.#place += needed
  }

  /** @throws {RingCorruptedError} When the other side has broken the ring, now or before. */
  countFree(): number {
    if (this.#failure !== undefined) throw this.#failure
    const head = Atomics.load(this.#words, headWord)
    const used = ringDistance(head, this.#tail, this.#capacityBytes)
    if (used >= 0) return this.#capacityBytes - used
    // No write passes without looking here again.
    this.#limit = 0
    this.#failure = new RingCorruptedError({ part: 'head', value: head })
    throw this.#failure
  }

  assertNotTooLarge(bytes: number): void {
    const { maxRecordBytes: limit } = this
    if (bytes > limit) throw new RecordTooLargeError({ bytes, maxRecordBytes: limit })
  }

  #makeRoom(needed: number): boolean {
    const free = this.countFree()
    const rest = this.#capacityBytes - this.#place
    const unused = rest < needed ? rest : 0
    if (unused + needed > free) {
      this.#wanted = unused + needed
      return false
    }
    if (unused > 0) this.#lengths[this.#place >> 2] = skipToStart
    if (rest < needed) {
      this.#tail = (this.#tail + unused) | 0
      this.#place = 0
    }
    this.#limit = Math.min(this.#place + free - unused, this.#capacityBytes)
    return true
  }
}
