import { importExport, isMainModule } from '@mpservice/contract'
import { FrameView } from '../channel/frame-view.ts'
import {
  type FrameHeader,
  frameKind,
  headerBytes,
  moreOfBatch,
  plainHeader,
} from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { ReceivedPayload } from '../channel/received-payload.ts'
import type { WorkerSetup } from '../channel/worker-setup.ts'
import { Fifo } from '../fifo.ts'
import { arrivalClock } from '../insight/arrival-clock.ts'
import type { SentTask, WorkerLink, WorkerLinkEvents } from '../link/worker-link.ts'
import { toError } from '../to-error.ts'
import { AbandonedSet } from '../worker/abandoned-items.ts'
import { runWorker } from '../worker/run-worker.ts'
import type { WorkerPort, WorkerPortEvents } from '../worker/worker-port.ts'
import { InlineFrame } from './inline-frame.ts'

/** What a link to a worker in the same thread is made from. */
export interface InlineLinkOptions {
  readonly setup: WorkerSetup
  /** The encoded `args` of the worker. */
  readonly args: Uint8Array
  /** The worker's class, where it was not named only. */
  readonly target: unknown
}

/**
 * A link to a worker on the server's own event loop, where breakpoints reach it: the same frames as to a
 * process, kept in lists. Each side has its turn after the other.
 *
 * What user code does cannot be ended here: a worker that is killed counts as ended, and cleans up when it
 * comes to that.
 */
export class InlineLink implements WorkerLink, WorkerPort {
  readonly pid = undefined
  readonly inspectUrl = undefined
  readonly isAwake = false
  readonly canWithdraw = true
  readonly abandoned: AbandonedSet = new AbandonedSet()
  readonly #events: WorkerLinkEvents
  readonly #toWorker = new Fifo<InlineFrame>()
  #toServer: InlineFrame[] = []
  readonly #sent = new WeakMap<SentTask, InlineFrame>()
  readonly #frame = new FrameView()
  readonly #epoch: number
  #newest: InlineFrame | undefined
  #worker: WorkerPortEvents | undefined
  #isTurnDue = false
  #hasEnded = false

  constructor({ setup, args, target }: InlineLinkOptions, events: WorkerLinkEvents) {
    this.#events = events
    this.#epoch = setup.epoch
    const openPort = (worker: WorkerPortEvents): WorkerPort => {
      this.#worker = worker
      return this
    }
    const place = {
      load: loaderOf(target),
      exit: (code: number) => this.#end(code),
      fail: (error: unknown) => this.#end(1, error),
    }
    runWorker(setup, args, openPort, place).catch((error: unknown) => this.#end(1, error))
  }

  trySend(header: FrameHeader, task: SentTask): boolean {
    const frame = new InlineFrame(header, task.input)
    this.#sent.set(task, frame)
    this.#newest = frame
    this.#toWorker.push(frame)
    return true
  }

  endBatch(): void {
    const { bytes } = this.#newest ?? {}
    if (bytes !== undefined) bytes[1] = (bytes[1] ?? 0) & ~moreOfBatch
  }

  tryStop(header: FrameHeader): boolean {
    this.#toWorker.push(new InlineFrame(header, undefined))
    return true
  }

  tryWithdraw(task: SentTask): boolean {
    const frame = this.#sent.get(task)
    if (frame?.state !== 'waiting') return false
    frame.state = 'withdrawn'
    return true
  }

  hasBegun(task: SentTask): boolean {
    return this.#sent.get(task)?.state === 'begun'
  }

  abandon(id: number): void {
    this.abandoned.add(id)
    this.#worker?.onAbandoned()
  }

  forgetAbandoned(id: number): void {
    this.abandoned.delete(id)
  }

  flush(): void {
    this.#takeTurnSoon()
  }

  spin(): void {
    // Nobody else is at work meanwhile.
  }

  lookForFrames(): void {
    this.#deliver()
  }

  takeStack(): Promise<string> {
    return Promise.reject(new Error('the worker runs inline, in this very thread'))
  }

  kill(): void {
    setImmediate(() => {
      this.#end(1)
      for (let frame = this.#toWorker.shift(); frame !== undefined;) frame = this.#toWorker.shift()
      this.tryStop(plainHeader(frameKind.stop, this.#epoch))
      this.#takeTurnSoon()
    })
  }

  terminate(): void {
    this.kill()
  }

  next(): boolean {
    const frame = this.#toWorker.shift()
    if (frame === undefined) return false
    const isWithdrawn = frame.state === 'withdrawn'
    if (!isWithdrawn) frame.state = 'begun'
    const payload = this.#show(frame)
    if (isWithdrawn) this.#worker?.onWithdrawn(this.#frame)
    else this.#worker?.onFrame(this.#frame, payload)
    return true
  }

  write(header: FrameHeader, payload?: Payload): void {
    this.#toServer.push(new InlineFrame(header, payload))
  }

  wake(): void {
    if (this.#toServer.length > 0) this.#takeTurnSoon()
  }

  wait(): 'awake' | 'nothing' {
    return this.#toWorker.length > 0 ? 'awake' : 'nothing'
  }

  /** Never at once: both sides have other things to do, and so has the event loop. */
  #takeTurnSoon(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    setImmediate(() => {
      this.#isTurnDue = false
      this.#deliver()
      if (this.#toWorker.length > 0) this.#worker?.onWake()
    })
  }

  #deliver(): void {
    const frames = this.#toServer
    this.#toServer = []
    if (this.#hasEnded || frames.length === 0) return
    arrivalClock.read()
    try {
      for (const frame of frames) {
        const payload = this.#show(frame)
        this.#events.onFrame(this.#frame, payload)
      }
      this.#events.onBatch()
    } catch (error) {
      this.#end(1, error)
    }
  }

  #show({ bytes }: InlineFrame): Payload {
    this.#frame.show(bytes, 0, bytes.length)
    return new ReceivedPayload(bytes, headerBytes, bytes.length, true)
  }

  #end(exitCode: number, reason?: unknown): void {
    this.#deliver()
    if (this.#hasEnded) return
    this.#hasEnded = true
    const cause = reason === undefined || reason instanceof Error ? reason : toError(reason)
    this.#events.onExit({ exitCode, signalCode: null, stderrTail: '', cause })
  }
}

/**
 * The main module may still be waiting for this server, and cannot be imported before it has got it; its
 * class is here already.
 */
function loaderOf(target: unknown): typeof importExport {
  return async (location) => {
    if (typeof target === 'function' && isMainModule(location.url)) return Object(target)
    return importExport(location)
  }
}
