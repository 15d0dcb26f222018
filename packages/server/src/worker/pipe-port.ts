import type { ChildChannel } from '@mpservice/process'
import { FrameView } from '../channel/frame-view.ts'
import {
  encodeHeader,
  type FrameHeader,
  frameKind,
  headerBytes,
  plainHeader,
  skippedItem,
} from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { ReceivedPayload } from '../channel/received-payload.ts'
import { Fifo } from '../fifo.ts'
import { AbandonedSet } from './abandoned-items.ts'
import type { WaitOutcome, WorkerPort, WorkerPortEvents } from './worker-port.ts'

/**
 * A worker's way to its server on pipes, for where memory cannot be shared.
 *
 * Each outcome is with the kernel before the next item begins. So none is lost when the worker dies,
 * and the server knows which items can have been begun: the first ones without an outcome.
 */
export class PipePort implements WorkerPort {
  readonly #channel: ChildChannel
  readonly #events: WorkerPortEvents
  readonly #frames = new Fifo<Uint8Array>()
  readonly #frame = new FrameView()
  readonly abandoned: AbandonedSet = new AbandonedSet()
  /** The tasks that have come and are not answered. */
  readonly #open = new Set<number>()

  constructor(channel: ChildChannel, events: WorkerPortEvents) {
    this.#channel = channel
    this.#events = events
  }

  /** Frames of the pipe. */
  take(frames: readonly Uint8Array[]): void {
    for (const frame of frames) if (frame.length > 0) this.#sort(frame)
  }

  next(): boolean {
    const frame = this.#frames.shift()
    if (frame === undefined) return false
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
    this.#frame.show(bytes, 0, bytes.length)
    if (this.#frame.kind === frameKind.task && this.abandoned.has(this.#frame.id)) {
      this.#skip()
      return true
    }
    this.#events.onFrame(this.#frame, new ReceivedPayload(bytes, headerBytes, bytes.length, true))
    return true
  }

  write(header: FrameHeader, payload?: Payload): void {
    this.#open.delete(header.id)
    this.abandoned.delete(header.id)
    if (payload === undefined) this.#channel.send(encodeHeader(header))
    else this.#channel.send(encodeHeader(header), payload.bytes())
  }

  wake(): void {
    // The event loop of the server sees what was written.
  }

  wait(): WaitOutcome {
    return 'nothing'
  }

  /** Passes over a task that nobody waits for any more. */
  #skip(): void {
    const { id, epoch } = this.#frame
    this.#events.onWithdrawn(this.#frame)
    this.write({ ...plainHeader(frameKind.result, epoch), flags: skippedItem, id })
  }

  /** What tells of an item that is being worked on does not wait behind others. */
  #sort(frame: Uint8Array): void {
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
    this.#frame.show(bytes, 0, bytes.length)
    const { kind, id } = this.#frame
    if (kind !== frameKind.cancel) {
      if (kind === frameKind.task) this.#open.add(id)
      this.#frames.push(frame)
    } else if (this.#open.has(id)) {
      this.abandoned.add(id)
      this.#events.onAbandoned()
    }
  }
}
