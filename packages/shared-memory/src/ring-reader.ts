import { ParkingPlace, type RingOptions } from './parking-place.ts'
import { RingCorruptedError, type RingPart } from './ring-errors.ts'
import {
  headWord,
  lengthBytes,
  openRing,
  readerParkedWord,
  ringDistance,
  skipToStart,
  tailWord,
  writerParkedWord,
  writerWakeAtWord,
} from './ring-layout.ts'

/**
 * Looks at one record: it is `bytes.subarray(start, end)`, valid until the visit ends. It may use any
 * ring, except that it does not read from, release or park the reader that it comes from.
 */
export type VisitRecord = (bytes: Buffer, start: number, end: number) => void

/**
 * The side of a ring that reads records; there is exactly one, in one thread.
 *
 * Whatever the other side writes into the memory, reading ends, stays inside the ring, and throws
 * nothing but `RingCorruptedError`; the bytes of a record may change while they are looked at, if the
 * other side does not keep to the rules. A reader that is killed loses nothing: a new `RingReader` on
 * the same memory gets all records that were not released.
 */
export class RingReader {
  /** How many bytes of records fit into the ring, 4 to 7 bytes more for each of them. */
  readonly capacityBytes: number

  readonly #words: Int32Array
  readonly #data: Buffer
  readonly #lengths: Int32Array
  readonly #ringDoorbell: () => void
  readonly #ownPlace: ParkingPlace
  readonly #writerPlace: ParkingPlace
  /** What comes next: as a count of bytes, and as a place in the data. */
  #head: number
  #place: number
  /** The head that the writer can see. */
  #released: number
  /** How far the writer has come, as far as is known. */
  #tail: number
  /** Where the bytes of the record begin that was found last. */
  #start = 0
  #isDraining = false
  #failure: RingCorruptedError | undefined

  /**
   * Wakes the writer if it is parked and has room: a reader before may have been killed before it did.
   *
   * @param memory - Memory that `initializeRing` has prepared.
   * @throws {RangeError} When it cannot be that of a ring.
   * @throws {RingCorruptedError} When it was not prepared, or holds what no ring can hold.
   */
  constructor(memory: Uint8Array, options: RingOptions = {}) {
    const { words, data, lengths, capacityBytes } = openRing(memory)
    this.capacityBytes = capacityBytes
    this.#words = words
    this.#data = data
    this.#lengths = lengths
    this.#ringDoorbell = options.ringDoorbell ?? (() => undefined)
    this.#ownPlace = new ParkingPlace(words, readerParkedWord)
    this.#writerPlace = new ParkingPlace(words, writerParkedWord)
    this.#head = Atomics.load(words, headWord)
    this.#released = this.#head
    this.#tail = this.#head
    this.#place = this.#head & (capacityBytes - 1)
    if ((this.#head & 3) !== 0) this.#fail('head', this.#head)
    this.#look()
    this.#wakeWriter()
  }

  /**
   * Takes the next record, or gives `undefined` when there is none. What it gives is a view of the
   * ring itself, valid until the next `release`, `park`, `tryTake` or `drain`; all records read until
   * then keep their place in the ring.
   *
   * @throws {RingCorruptedError} When the other side has broken the ring.
   */
  tryRead(): Buffer | undefined {
    this.#assertNotDraining()
    const length = this.#next()
    return length < 0 ? undefined : this.#data.subarray(this.#start, this.#start + length)
  }

  /**
   * Takes a copy of the next record, or gives `undefined` when there is none, and releases its place
   * in the ring and that of all before it: a reader that is killed now has lost it.
   *
   * @throws {RingCorruptedError} When the other side has broken the ring.
   */
  tryTake(): Buffer | undefined {
    this.#assertNotDraining()
    const length = this.#next()
    if (length < 0) return undefined
    const copy = Buffer.allocUnsafe(length)
    this.#data.copy(copy, 0, this.#start, this.#start + length)
    this.#giveBack()
    return copy
  }

  /**
   * Visits the records that are there now, in order, without any allocation, and releases them; those
   * that come meanwhile are left for the next time. Gives how many they were.
   *
   * An error that a visit throws ends it; that record counts as read.
   *
   * @param options.maxRecords - After how many it ends; all of them by default.
   * @throws {RingCorruptedError} When the other side has broken the ring.
   */
  drain(visit: VisitRecord, options: { readonly maxRecords?: number | undefined } = {}): number {
    const { maxRecords = Number.POSITIVE_INFINITY } = options
    this.#assertNotDraining()
    this.#look()
    const end = this.#tail
    const releaseAt = this.capacityBytes >> 2
    let records = 0
    this.#isDraining = true
    try {
      while (records < maxRecords && ((end - this.#head) | 0) > 0) {
        const length = this.#next()
        if (length < 0) break
        records++
        visit(this.#data, this.#start, this.#start + length)
        // So that a waiting writer goes on while the rest is visited.
        if (((this.#head - this.#released) | 0) >= releaseAt) this.#giveBack()
      }
    } finally {
      this.#isDraining = false
      this.#giveBack()
    }
    return records
  }

  /** Gives the place of all records that were read back to the writer, and wakes it if it waits. */
  release(): void {
    this.#assertNotDraining()
    this.#giveBack()
  }

  /**
   * Announces that this side is about to sleep until there are records. Gives whether it may: when
   * `false`, there are some. What was read before is released.
   */
  park(): boolean {
    this.#assertNotDraining()
    if (this.#failure !== undefined) throw this.#failure
    this.#giveBack()
    this.#ownPlace.park()
    if (Atomics.load(this.#words, tailWord) === this.#head) return true
    this.unpark()
    return false
  }

  /** Ends `park`, whoever ended the sleep; the doorbell may ring once more nevertheless. */
  unpark(): void {
    this.#ownPlace.unpark()
  }

  /** Whether the writer has published anything that was not read; one atomic load, for polling. */
  get hasRecords(): boolean {
    return Atomics.load(this.#words, tailWord) !== this.#head
  }

  #giveBack(): void {
    if (this.#head === this.#released) return
    this.#released = this.#head
    Atomics.store(this.#words, headWord, this.#head)
    this.#wakeWriter()
  }

  #wakeWriter(): void {
    // The writer parks first and looks at the head then; one of the two sees the other.
    if (!this.#writerPlace.isTaken) return
    const used = (Atomics.load(this.#words, tailWord) - this.#released) | 0
    const free = this.capacityBytes - used
    if (used !== 0 && free < Atomics.load(this.#words, writerWakeAtWord)) return
    this.#writerPlace.wake(this.#ringDoorbell)
  }

  /** Moves past the next record; gives its length, or -1 when there is none. */
  #next(): number {
    if (this.#head === this.#tail && !this.#look()) return -1
    if (this.#lengths[this.#place >> 2] === skipToStart && !this.#skip()) return -1
    const place = this.#place
    // Read once: whoever breaks the rules could change it after it was checked.
    const length = this.#lengths[place >> 2]!
    const available = ((this.#tail - this.#head) | 0) - lengthBytes
    const room = this.capacityBytes - place - lengthBytes
    // Asked so that what is no number, as from a buffer without memory, does not pass.
    if (!(length >= 0 && length <= available && length <= room)) this.#fail('length', length)
    const bytes = (length + 7) & ~3
    this.#head = (this.#head + bytes) | 0
    this.#place = (place + bytes) & (this.capacityBytes - 1)
    this.#start = place + lengthBytes
    return length
  }

  /** Goes to the start of the data; gives whether there is a record. */
  #skip(): boolean {
    const rest = this.capacityBytes - this.#place
    if (this.#place === 0 || rest > ((this.#tail - this.#head) | 0)) {
      this.#fail('length', skipToStart)
    }
    this.#head = (this.#head + rest) | 0
    this.#place = 0
    return this.#head !== this.#tail || this.#look()
  }

  /** Looks how far the writer has come; gives whether there is anything to read. */
  #look(): boolean {
    if (this.#failure !== undefined) throw this.#failure
    const tail = Atomics.load(this.#words, tailWord)
    const unreleased = (this.#head - this.#released) | 0
    const bytes = ringDistance(this.#head, tail, this.capacityBytes - unreleased)
    if (bytes < 0) this.#fail('tail', tail)
    this.#tail = tail
    return bytes > 0
  }

  #fail(part: RingPart, value: number): never {
    // Nothing is read any more without looking, which throws this again.
    this.#tail = this.#head
    this.#failure = new RingCorruptedError({ part, value })
    throw this.#failure
  }

  #assertNotDraining(): void {
    if (this.#isDraining) throw new Error('a ring is read while its records are being visited')
  }
}
