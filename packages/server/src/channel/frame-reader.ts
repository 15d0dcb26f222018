import { isSharedMemoryHandle, type RingReader, SharedMemory } from '@mpservice/shared-memory'
import { ProtocolError } from '@mpservice/wire'
import type { BlockSource } from './block-source.ts'
import { FailedPayload } from './failed-payload.ts'
import { FrameView } from './frame-view.ts'
import { frameKind } from './frame.ts'
import { giveWay } from './give-way.ts'
import type { Payload } from './payload.ts'
import { ReceivedPayload } from './received-payload.ts'

/** Takes a frame and its payload, both of which are valid until it returns. */
export type VisitFrame = (frame: FrameView, payload: Payload) => void

/** Takes the frame of a task that was withdrawn. */
export type VisitWithdrawn = (frame: FrameView) => void

/** Reads frames from a ring, and large payloads from blocks. */
export class FrameReader {
  readonly #ring: RingReader
  readonly #blocks: BlockSource
  readonly #visit: VisitFrame
  readonly #visitWithdrawn: VisitWithdrawn
  readonly #frame = new FrameView()
  readonly #payload = new ReceivedPayload(noBytes, 0, 0, false)
  readonly #visitRecord = (bytes: Buffer, start: number, end: number): void =>
    this.#visitFrame(bytes, start, end)

  constructor(
    ring: RingReader,
    blocks: BlockSource,
    visit: VisitFrame,
    visitWithdrawn: VisitWithdrawn,
  ) {
    this.#ring = ring
    this.#blocks = blocks
    this.#visit = visit
    this.#visitWithdrawn = visitWithdrawn
  }

  /**
   * Visits frames that are there, at most `maxFrames`; gives how many they were.
   *
   * @throws {RingCorruptedError} When the other side has broken the ring.
   * @throws {ProtocolError} When a frame is none; also what the visit throws.
   */
  drain(limit?: { readonly maxRecords: number }): number {
    return this.#ring.drain(this.#visitRecord, limit)
  }

  /** Whether there are frames. */
  get hasFrames(): boolean {
    return this.#ring.hasRecords
  }

  /** Waits awake for frames, in milliseconds at most; gives whether there are some. */
  spin(longestMs: number): boolean {
    const startedAt = performance.now()
    while (!this.hasFrames) {
      const waitedMs = performance.now() - startedAt
      if (waitedMs > longestMs) return false
      // The other side may be waiting for this processor.
      if (waitedMs > selfishMs) giveWay()
    }
    return true
  }

  /** Announces that this side will sleep until there are frames; gives whether it may. */
  park(): boolean {
    return this.#ring.park()
  }

  unpark(): void {
    this.#ring.unpark()
  }

  #visitFrame(bytes: Buffer, start: number, end: number): void {
    const frame = this.#frame
    frame.show(bytes, start, end)
    // Before anything else: the memory of a task that was withdrawn may be in use again.
    if (frame.kind === frameKind.task && !frame.tryBegin()) {
      this.#visitWithdrawn(frame)
      return
    }
    if (frame.isLarge) {
      this.#visitLarge(bytes, end)
      return
    }
    if (frame.kind === frameKind.block) {
      this.#takeBlock(bytes.toString('utf8', frame.payloadStart, end), frame.id)
      return
    }
    this.#payload.show(bytes, frame.payloadStart, end)
    this.#visit(frame, this.#payload)
  }

  /** The handle of a new block, or nothing for one that will not be used again. */
  #takeBlock(json: string, number: number): void {
    if (json === '') {
      this.#blocks.forget(number)
      return
    }
    const handle: unknown = JSON.parse(json)
    if (!isSharedMemoryHandle(handle)) throw new ProtocolError('a block without a handle')
    try {
      const memory = SharedMemory.attach(handle)
      this.#blocks.accept(number, { bytes: memory.buf, close: () => memory.close() })
    } catch (error) {
      // It may be gone: then all that was in it was withdrawn. Or this process is short of something.
      this.#blocks.refuse(number, error)
    }
  }

  #visitLarge(bytes: Buffer, end: number): void {
    const frame = this.#frame
    const reason = this.#blocks.refusalOf(bytes, frame.payloadStart, end)
    if (reason !== undefined) {
      this.#visit(frame, new FailedPayload(reason.error))
      return
    }
    this.#blocks.visit(bytes, frame.payloadStart, end, (data, payloadStart, payloadEnd) => {
      this.#payload.show(data, payloadStart, payloadEnd)
      this.#visit(frame, this.#payload)
    })
  }
}

/** How long this side waits awake before it lets others have its processor, in milliseconds. */
const selfishMs = 0.005

const noBytes = Buffer.alloc(0)
