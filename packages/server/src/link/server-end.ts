import { isRingCorruptedError } from '@mpservice/shared-memory'
import { ProtocolError } from '@mpservice/wire'
import type { PlacedPayload } from '../channel/block-store.ts'
import { type FrameHeader, moreOfBatch } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { RingChannel, type RingChannelOptions } from '../channel/ring-channel.ts'
import { arrivalClock } from '../insight/arrival-clock.ts'
import { lookout, type Watched } from './lookout.ts'
import type { SentTask, WorkerLinkEvents } from './worker-link.ts'

/** What a server's end of a channel needs of its link. */
export interface ServerEndOptions extends Omit<
  RingChannelOptions,
  'end' | 'onFrame' | 'onWithdrawn'
> {
  readonly events: Pick<WorkerLinkEvents, 'onFrame' | 'onBatch'>
  /** The worker has broken the channel, from which nothing is read any more. */
  onBroken(error: Error): void
}

/** How long a server waits awake for a worker that is awake, without its event loop, in ms. */
const spinMs = 0.02
/** How long results are read in one turn of the event loop while more of them come, in milliseconds. */
const turnMs = 2
/** After so many frames a worker that is awake sees them, so that it begins while more are written. */
const framesTogether = 8

/** The server's end of a channel in shared memory. */
export class ServerEnd implements Watched {
  readonly #options: ServerEndOptions
  readonly #channel: RingChannel
  #state: 'open' | 'draining' | 'broken' | 'closed' = 'open'
  /** While asleep, the worker rings the doorbell when it has results. */
  #isAwake = false
  #unseen = 0

  constructor(options: ServerEndOptions) {
    this.#options = options
    const { events } = options
    this.#channel = new RingChannel({
      ...options,
      end: 'server',
      onFrame: (frame, payload) => events.onFrame(frame, payload),
      onWithdrawn: () => {
        throw new ProtocolError('a task from a worker')
      },
    })
    this.#channel.reader.park()
  }

  /** As of `WorkerLink`. */
  trySend(header: FrameHeader, task: SentTask): boolean {
    const sent = this.#tryWrite(header, task.input)
    if (sent === false) return false
    const { writer } = this.#channel
    task.position = writer.position
    task.claimWord = writer.claimWord
    if (sent !== true) {
      task.input = sent.payload
      task.release = sent.release
    }
    // A batch is seen as a whole. To wake it for the first few would be to wake it again for the next few.
    const isPart = (header.flags & moreOfBatch) !== 0
    if (++this.#unseen >= framesTogether && !isPart && !writer.isReaderAsleep) {
      this.#unseen = 0
      writer.reveal()
    }
    return true
  }

  /** As of `WorkerLink`. */
  endBatch(): void {
    if (this.#state !== 'broken' && this.#state !== 'closed') this.#channel.writer.endBatch()
  }

  /** As of `WorkerLink`. */
  get isAwake(): boolean {
    return !this.#channel.writer.isReaderAsleep
  }

  /** As of `WorkerLink`. */
  tryStop(header: FrameHeader): boolean {
    return this.#tryWrite(header) !== false
  }

  /** As of `WorkerLink`. */
  tryWithdraw(task: SentTask): boolean {
    if (!this.#channel.writer.tryWithdraw(task)) return false
    // The worker will pass over its frame.
    task.release?.()
    return true
  }

  /** As of `WorkerLink`; until it is closed. */
  hasBegun(task: SentTask): boolean {
    return this.#channel.writer.hasBegun(task)
  }

  /** As of `WorkerLink`. */
  abandon(id: number): void {
    if (this.#state === 'closed') return
    this.#channel.abandoned.add(id)
    // Nothing is in the ring for it: whoever waits for something of its own must look.
    this.#options.ringDoorbell()
  }

  /** As of `WorkerLink`. */
  forgetAbandoned(id: number): void {
    if (this.#state !== 'closed') this.#channel.abandoned.delete(id)
  }

  /** As of `WorkerLink`. */
  flush(isBusy: boolean): void {
    if (this.#state === 'closed' || this.#state === 'broken') return
    if (isBusy) this.#stayAwake()
    this.#channel.board.staysAwake = isBusy && this.#isAwake
    this.#unseen = 0
    this.#channel.writer.reveal()
    this.#channel.writer.wake()
  }

  /** As of `WorkerLink`. */
  spin(): void {
    const { reader, writer } = this.#channel
    if (!this.#isAwake || writer.isReaderAsleep) return
    if (reader.spin(spinMs)) this.drain()
  }

  /** Reads all that is there; what keeps coming meanwhile is left for the next turn of the event loop. */
  drain(): void {
    if (this.#state !== 'open') return
    this.#state = 'draining'
    const end = arrivalClock.read() + turnMs
    try {
      this.#readFrames()
      // What comes while this side is about to sleep would not ring.
      while (this.#isDraining && !this.#isAwake && !this.#channel.reader.park()) {
        if (arrivalClock.read() > end) {
          setImmediate(() => this.drain())
          break
        }
        this.#readFrames()
      }
      // It may have turned out to be broken meanwhile.
      if (this.#isDraining) this.#state = 'open'
    } catch (error) {
      this.#break(error)
    }
  }

  /** As of `Watched`. */
  get hasFrames(): boolean {
    return this.#isAwake && this.#channel.reader.hasFrames
  }

  /** As of `Watched`. */
  fallAsleep(): void {
    this.#isAwake = false
    this.drain()
  }

  /** Lets go of the memory. */
  close(): void {
    this.#state = 'closed'
    this.#isAwake = false
    lookout.leave(this)
    this.#channel.close()
  }

  get #isDraining(): boolean {
    return this.#state === 'draining'
  }

  #readFrames(): void {
    if (this.#channel.reader.drain() === 0) return
    lookout.noteArrival()
    this.#options.events.onBatch()
  }

  #tryWrite(header: FrameHeader, payload?: Payload): boolean | PlacedPayload {
    if (this.#state === 'broken' || this.#state === 'closed') return false
    try {
      return this.#channel.writer.tryWrite(header, payload)
    } catch (error) {
      if (!isRingCorruptedError(error)) throw error
      this.#break(error)
      return false
    }
  }

  #stayAwake(): void {
    if (this.#state !== 'open') return
    if (!lookout.expect(this, this.#channel.writer.isReaderAsleep) || this.#isAwake) return
    this.#isAwake = true
    this.#channel.reader.unpark()
  }

  #break(error: unknown): void {
    this.#state = 'broken'
    this.#isAwake = false
    lookout.leave(this)
    this.#options.onBroken(error instanceof Error ? error : new ProtocolError(String(error)))
  }
}
