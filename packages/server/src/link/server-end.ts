import { availableParallelism } from 'node:os'
import { isRingCorruptedError } from '@mpservice/shared-memory'
import { ProtocolError } from '@mpservice/wire'
import { AwakeTrial } from '../channel/awake-trial.ts'
import type { PlacedPayload } from '../channel/block-store.ts'
import type { FrameHeader } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { RingChannel, type RingChannelOptions } from '../channel/ring-channel.ts'
import type { SentTask, WorkerLinkEvents } from './worker-link.ts'

/** What a server's end of a channel needs of its link. */
export interface ServerEndOptions extends Omit<RingChannelOptions, 'end' | 'onFrame'> {
  readonly events: Pick<WorkerLinkEvents, 'onFrame' | 'onBatch'>
  /** The worker has broken the channel, from which nothing is read any more. */
  onBroken(error: Error): void
}

/** How long a server waits awake for a worker that is awake, without its event loop, in ms. */
const spinMs = 0.02
/** How long a server looks for results in each turn of its event loop before it sleeps, in ms. */
const awakeMs = 0.1
/** The same when the worker slept, which must not find the server asleep when it is done at last. */
const awakeForSleeperMs = 0.3
/** Results that take longer than this would have come as soon to a sleeping server, in milliseconds. */
const soonMs = 0.15
/** After so many frames a worker that is awake sees them, so that it begins while more are written. */
const framesTogether = 8

/** The server's end of a channel in shared memory. */
export class ServerEnd {
  readonly #options: ServerEndOptions
  readonly #channel: RingChannel
  #state: 'open' | 'draining' | 'broken' | 'closed' = 'open'
  /** While asleep, the worker rings the doorbell when it has results. */
  #isAwake = false
  #unseen = 0
  #awakeUntil = 0
  readonly #trial = new AwakeTrial()
  /** When this side began to wait for frames awake, if it does. */
  #awaitedSince: number | undefined
  readonly #look = (): void => this.#lookForFrames()

  constructor(options: ServerEndOptions) {
    this.#options = options
    const { events } = options
    this.#channel = new RingChannel({
      ...options,
      end: 'server',
      onFrame: (frame, payload) => events.onFrame(frame, payload),
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
    // To wake it for the first few would be to wake it again for the next few.
    if (++this.#unseen >= framesTogether && !writer.isReaderAsleep) {
      this.#unseen = 0
      writer.reveal()
    }
    return true
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
    const end = performance.now() + spinMs
    while (!reader.hasFrames) if (performance.now() > end) return
    this.drain()
  }

  /** Reads all that is there. */
  drain(): void {
    if (this.#state !== 'open') return
    this.#state = 'draining'
    try {
      this.#readFrames()
      // What comes while this side is about to sleep would not ring.
      while (this.#isDraining && !this.#isAwake && !this.#channel.reader.park()) this.#readFrames()
      // It may have turned out to be broken meanwhile.
      if (this.#isDraining) this.#state = 'open'
    } catch (error) {
      this.#break(error)
    }
  }

  /** Lets go of the memory. */
  close(): void {
    this.#state = 'closed'
    this.#fallAsleep()
    this.#channel.close()
  }

  get #isDraining(): boolean {
    return this.#state === 'draining'
  }

  #readFrames(): void {
    if (this.#channel.reader.drain() === 0) return
    if (this.#awaitedSince !== undefined) this.#judge(performance.now() - this.#awaitedSince)
    this.#options.events.onBatch()
  }

  /** How long it took until the first frames came. */
  #judge(tookMs: number): void {
    this.#awaitedSince = undefined
    if (tookMs < soonMs) this.#trial.hit()
    else this.#trial.miss()
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
    if (!this.#isAwake) {
      if (this.#state !== 'open' || awakeEnds >= mostAwake || !this.#trial.isDue()) return
      this.#isAwake = true
      awakeEnds++
      this.#channel.reader.unpark()
      setImmediate(this.#look)
    }
    const now = performance.now()
    this.#awaitedSince ??= now
    this.#awakeUntil = now + (this.#channel.writer.isReaderAsleep ? awakeForSleeperMs : awakeMs)
  }

  #lookForFrames(): void {
    if (this.#isAwake && this.#channel.reader.hasFrames) {
      this.drain()
      this.#awakeUntil = performance.now() + awakeMs
    }
    if (!this.#isAwake) return
    if (performance.now() < this.#awakeUntil) {
      setImmediate(this.#look)
      return
    }
    this.#fallAsleep()
    if (this.#awaitedSince !== undefined) this.#judge(Infinity)
    this.drain()
  }

  #fallAsleep(): void {
    if (this.#isAwake) awakeEnds--
    this.#isAwake = false
  }

  #break(error: unknown): void {
    this.#state = 'broken'
    this.#fallAsleep()
    this.#options.onBroken(error instanceof Error ? error : new ProtocolError(String(error)))
  }
}

/*
 * Whoever waits awake needs a processor, and so does this side: with too many of them, they keep each
 * other from running.
 */
const mostAwake = availableParallelism() - 1
let awakeEnds = 0
