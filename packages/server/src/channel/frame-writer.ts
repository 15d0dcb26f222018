import type { RingWriter } from '@mpservice/shared-memory'
import type { BlockStore, PlacedPayload } from './block-store.ts'
import {
  claim,
  claimOffset,
  type FrameHeader,
  frameKind,
  headerBytes,
  largePayload,
  moreOfBatch,
  writeHeader,
} from './frame.ts'
import type { Payload } from './payload.ts'

/** Where a frame is that was written. */
export interface FramePlace {
  /** As `RingWriter.position`. */
  readonly position: number
  /** Which word of the ring is the claim of the frame. */
  readonly claimWord: number
}

/** Writes frames into a ring, and payloads that are too large for it into blocks. */
export class FrameWriter {
  readonly #ring: RingWriter
  readonly #blocks: BlockStore
  #words: Int32Array = new Int32Array(0)
  #view = new DataView<ArrayBufferLike>(new ArrayBuffer(0))
  /** Where the newest task is in the memory. */
  #newestTask = 0
  #isBatchOpen = false
  /** Where the newest frame is in the order of the ring. */
  position = 0
  /** Which word of the ring is the claim of the newest frame. */
  claimWord = 0

  constructor(ring: RingWriter, blocks: BlockStore) {
    this.#ring = ring
    this.#blocks = blocks
  }

  /**
   * Writes a frame, which the other side sees after `reveal`. Gives whether there was room; a payload
   * that is now in a block is given instead of `true`.
   *
   * @throws {EncodeError} When the payload cannot be carried; nothing was written then.
   */
  tryWrite(header: FrameHeader, payload?: Payload): boolean | PlacedPayload {
    if (payload === undefined) return this.#writeWhole(header)
    if (payload.roughBytes() < largeBytes) {
      if (this.#writeInPlace(header, payload)) return true
      const bytes = payload.bytes()
      if (bytes.length <= this.#ring.maxRecordBytes - headerBytes) {
        return this.#writeWhole(header, bytes)
      }
    }
    return this.#writeLarge(header, payload)
  }

  /** Tells of a new block, by its handle as JSON; or that one will not be used again, by an empty text. */
  tryWriteBlock(number: number, handle: string): boolean {
    return this.#writeWhole(
      { kind: frameKind.block, flags: 0, attempt: 0, epoch: 0, id: number, timeMs: 0, priority: 0 },
      Buffer.from(handle),
    )
  }

  /**
   * The newest task is the last one of its batch, none of which is seen before `reveal`. Until then a
   * batch is open from the first task with the flag `moreOfBatch` on, and refused frames reveal nothing.
   */
  endBatch(): void {
    if (!this.#isBatchOpen) return
    this.#isBatchOpen = false
    const start = this.#newestTask
    this.#view.setUint8(start + 1, this.#view.getUint8(start + 1) & ~moreOfBatch)
  }

  /** Lets the other side see all frames, and does not wake it; whoever calls this owes `wake`. */
  reveal(): void {
    this.#ring.reveal()
  }

  /** Wakes the other side if it sleeps. */
  wake(): void {
    this.#ring.wakeReader()
  }

  /** Whether the other side has begun a frame's task, or is done with it. */
  hasBegun({ position, claimWord }: FramePlace): boolean {
    return this.#ring.isReleased(position) || Atomics.load(this.#words, claimWord) === claim.begun
  }

  /** Takes a frame's task back; gives whether the other side had not begun it, and never will. */
  tryWithdraw({ position, claimWord }: FramePlace): boolean {
    // What was released may be another frame by now.
    if (this.#ring.isReleased(position)) return false
    const { waiting, withdrawn } = claim
    return Atomics.compareExchange(this.#words, claimWord, waiting, withdrawn) === waiting
  }

  /** Whether the other side sleeps, so that `wake` will cost something. */
  get isReaderAsleep(): boolean {
    return this.#ring.isReaderParked
  }

  /** Announces that this side will sleep until there is room; gives whether it may. */
  park(): boolean {
    return this.#ring.park()
  }

  unpark(): void {
    this.#ring.unpark()
  }

  #reserve(bytes: number): number {
    return this.#ring.reserve(bytes, this.#isBatchOpen ? heldBack : undefined)
  }

  #writeInPlace(header: FrameHeader, payload: Payload): boolean {
    const start = this.#reserve(headerBytes + fewBytes)
    if (start < 0) return false
    const { target } = this.#ring
    const end = payload.writeInto(target, start + headerBytes)
    if (end < 0 || end - start > this.#ring.maxRecordBytes) return false
    this.#begin(target, start, header)
    this.#ring.commit(end - start)
    return true
  }

  /** Writes the header, and notes where it is. */
  #begin(target: Buffer, start: number, header: FrameHeader): void {
    // The ring is always in the same memory; to make views of it takes longer than to use them.
    if (this.#view.buffer !== target.buffer) {
      this.#view = new DataView(target.buffer)
      this.#words = new Int32Array(target.buffer)
    }
    const offset = target.byteOffset + start
    writeHeader(this.#view, offset, header)
    if (header.kind === frameKind.task) {
      this.#newestTask = offset
      this.#isBatchOpen = (header.flags & moreOfBatch) !== 0
    }
    this.claimWord = (offset + claimOffset) >> 2
    this.position = this.#ring.position
  }

  #writeWhole(header: FrameHeader, payload?: Buffer): boolean {
    const bytes = headerBytes + (payload?.length ?? 0)
    const start = this.#reserve(bytes)
    if (start < 0) return false
    const { target } = this.#ring
    this.#begin(target, start, header)
    payload?.copy(target, start + headerBytes)
    this.#ring.commit(bytes)
    return true
  }

  #writeLarge(header: FrameHeader, payload: Payload): boolean | PlacedPayload {
    // Getters of a value may send others meanwhile, by the same header.
    const own = { ...header, flags: header.flags | largePayload }
    const placed = this.#blocks.tryPut(payload)
    if (placed === undefined) return false
    if (this.#writeWhole(own, placed.place)) {
      return placed
    }
    placed.release()
    return false
  }
}

/** Payloads from this size on travel in blocks; smaller ones, too, where a ring is too small. */
export const largeBytes: number = 64 * 1024
const heldBack = { publishes: false }
/** Room that is looked for at first; most frames are small. */
const fewBytes = 232
