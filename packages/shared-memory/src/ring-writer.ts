import { ParkingPlace, type RingOptions } from './parking-place.ts'
import { RecordSpace } from './record-space.ts'
import {
  headWord,
  openRing,
  readerParkedWord,
  tailWord,
  writerParkedWord,
  writerWakeAtWord,
} from './ring-layout.ts'

/**
 * The side of a ring that writes records; there is exactly one, in one thread.
 *
 * Records arrive whole and in order. When there is no room a write is refused and nothing is lost:
 * `park`, sleep until the doorbell rings, `unpark`, and write again. A writer that is killed leaves
 * what it has revealed, and a new `RingWriter` on the same memory goes on from there.
 */
export class RingWriter {
  /** How many bytes of records fit into the ring, 4 to 7 bytes more for each of them. */
  readonly capacityBytes: number
  /** The largest record: half of the capacity, less 4 bytes. Larger ones are refused. */
  readonly maxRecordBytes: number

  readonly #words: Int32Array
  readonly #space: RecordSpace
  readonly #data: Buffer
  readonly #ringDoorbell: () => void
  readonly #ownPlace: ParkingPlace
  readonly #readerPlace: ParkingPlace
  /** The tail that the reader can see. */
  #revealed: number
  /** Where a reserved record begins; -1 for none. */
  #reserved = -1
  #target: Buffer

  /**
   * Wakes the reader if it is parked: a writer before may have been killed before it did.
   *
   * @param memory - Memory that `initializeRing` has prepared.
   * @throws {RangeError} When it cannot be that of a ring.
   * @throws {RingCorruptedError} When it was not prepared, or holds what no ring can hold.
   */
  constructor(memory: Uint8Array, options: RingOptions = {}) {
    const ring = openRing(memory)
    const { words, data, capacityBytes } = ring
    this.capacityBytes = capacityBytes
    this.#words = words
    this.#data = data
    this.#space = new RecordSpace(ring)
    this.maxRecordBytes = this.#space.maxRecordBytes
    this.#ringDoorbell = options.ringDoorbell ?? (() => undefined)
    this.#ownPlace = new ParkingPlace(words, writerParkedWord)
    this.#readerPlace = new ParkingPlace(words, readerParkedWord)
    this.#revealed = this.#space.tail
    this.#target = data.subarray(0, 0)
    this.#readerPlace.wake(this.#ringDoorbell)
  }

  /**
   * Writes one record, given as a whole or in parts, and publishes it together with what was staged
   * before. Gives whether there was room.
   *
   * @throws {RecordTooLargeError} When it is larger than `maxRecordBytes`.
   * @throws {RingCorruptedError} When the other side has broken the ring.
   */
  tryWrite(record: Uint8Array | readonly Uint8Array[]): boolean {
    if (!this.tryStage(record)) return false
    this.publish()
    return true
  }

  /**
   * Writes one record that the reader will see after the next `publish` or `reveal`: several of them
   * cost one wake-up. Gives whether there was room; when not, what was staged before is published.
   *
   * @throws {RecordTooLargeError} When it is larger than `maxRecordBytes`.
   * @throws {RingCorruptedError} When the other side has broken the ring.
   */
  tryStage(record: Uint8Array | readonly Uint8Array[]): boolean {
    if (!ArrayBuffer.isView(record)) return this.#stageParts(record)
    const start = this.#find(record.length)
    if (start < 0) return false
    this.#data.set(record, start)
    this.#space.append(start, record.length)
    return true
  }

  /**
   * Finds room for a record that is written in place: gives where it begins in `target`, or -1 when
   * there is no room for `bytes`; what was staged is published then, unless more of it is to come that
   * belongs to it. Otherwise write there, up to the end of `target` if it turns out longer, and
   * `commit`. A reservation that is not committed before the next write, even a refused one, is void.
   *
   * @throws {RecordTooLargeError} When `bytes` is more than `maxRecordBytes`.
   * @throws {RingCorruptedError} When the other side has broken the ring.
   */
  reserve(bytes: number, { publishes = true }: { readonly publishes?: boolean } = {}): number {
    this.#reserved = this.#find(bytes, publishes)
    if (this.#reserved >= 0 && this.#target.length !== this.#space.limit) {
      this.#target = this.#data.subarray(0, this.#space.limit)
    }
    return this.#reserved
  }

  /** The memory that a reserved record is written to; another one after each `reserve`. */
  get target(): Buffer {
    return this.#target
  }

  /**
   * Makes a record of the first `bytes` bytes of the reservation, which the reader will see after the
   * next `publish` or `reveal`.
   *
   * @throws {RangeError} When nothing is reserved, or the record does not end inside `target`.
   * @throws {RecordTooLargeError} When it is larger than `maxRecordBytes`.
   */
  commit(bytes: number): void {
    const start = this.#reserved
    const isInside = Number.isInteger(bytes) && bytes >= 0 && start + bytes <= this.#space.limit
    if (start < 0 || !isInside) {
      throw new RangeError(`there is no reservation for ${bytes} bytes in this ring`)
    }
    this.#space.assertNotTooLarge(bytes)
    this.#space.append(start, bytes)
    this.#reserved = -1
  }

  /**
   * Makes everything that was written visible to the reader, and wakes it if it is parked: `reveal`
   * and `wakeReader`. This is what a writer calls that has nothing more to do at once.
   */
  publish(): void {
    this.reveal()
    this.wakeReader()
  }

  /**
   * Makes everything that was written visible to the reader, which gets it even if this process is
   * killed now, but does not wake it: for a writer that has more to do first. A parked reader sleeps
   * on, so `wakeReader` is owed; all that publishes, such as a refused write, pays for it, too.
   */
  reveal(): void {
    const { tail } = this.#space
    if (tail === this.#revealed) return
    this.#revealed = tail
    Atomics.store(this.#words, tailWord, tail)
  }

  /**
   * Rings if the reader is parked and has not read everything that it can see. Costs one atomic load
   * when it is not parked.
   */
  wakeReader(): void {
    // The reader parks first and looks at the tail then; one of the two sees the other.
    if (!this.#readerPlace.isTaken) return
    if (Atomics.load(this.#words, headWord) === this.#revealed) return
    this.#readerPlace.wake(this.#ringDoorbell)
  }

  /** Whether the reader is parked and was not rung for since; one atomic load. */
  get isReaderParked(): boolean {
    return this.#readerPlace.isTaken
  }

  /**
   * Announces that this side is about to sleep until there is room, after a refused write. Gives
   * whether it may: when `false`, there is room for that record meanwhile.
   *
   * The reader rings when the record fits and at least half of the ring is free. What was staged is
   * published.
   */
  park(): boolean {
    this.publish()
    const { wantedBytes } = this.#space
    this.#words[writerWakeAtWord] = Math.max(wantedBytes, this.capacityBytes >> 1)
    this.#ownPlace.park()
    if (this.#space.countFree() < wantedBytes) return true
    this.unpark()
    return false
  }

  /** Ends `park`, whoever ended the sleep; the doorbell may ring once more nevertheless. */
  unpark(): void {
    this.#ownPlace.unpark()
  }

  /**
   * Where the record begins that is reserved: a count of bytes modulo 2^32, for `isReleased`. Without a
   * reservation the next record may begin later, where the ring starts anew.
   */
  get position(): number {
    return this.#space.tail
  }

  /**
   * Whether the reader has released the record that begins at a position, one of the last 2 GiB that were
   * written. Until then its bytes stay in their place.
   */
  isReleased(position: number): boolean {
    return ((Atomics.load(this.#words, headWord) - position) | 0) > 0
  }

  /** How many bytes of the ring hold records, staged ones too, that the reader has not released. */
  get usedBytes(): number {
    return this.capacityBytes - this.#space.countFree()
  }

  #stageParts(parts: readonly Uint8Array[]): boolean {
    let bytes = 0
    for (const part of parts) bytes += part.length
    const start = this.#find(bytes)
    if (start < 0) return false
    let position = start
    for (const part of parts) {
      this.#data.set(part, position)
      position += part.length
    }
    this.#space.append(start, bytes)
    return true
  }

  #find(bytes: number, publishes = true): number {
    this.#reserved = -1
    const start = this.#space.find(bytes)
    if (start < 0 && publishes) this.publish()
    return start
  }
}
