import { getLogger } from '@logtape/logtape'
import { type StartedTimer, startTimer } from '@mpservice/process'
import { cleanupMs } from '../base-worker.ts'
import type { FrameView } from '../channel/frame-view.ts'
import { frameKind } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import type { WorkerReporter } from '../insight/worker-reporter.ts'
import type { WorkerExit, WorkerLink, WorkerLinkEvents } from '../link/worker-link.ts'
import type { WorkerSpec } from '../servlet.ts'
import { WorkerCrashedError, WorkerStartError } from '../worker-errors.ts'
import { askToEnd } from './ask-to-end.ts'
import { RestartBudget } from './restart-budget.ts'
import type { GivingUp, WorkerState } from './stage.ts'
import {
  causeOf,
  exitReasons,
  type WantedReason,
  type WorkerEnd,
  type WorkerEnding,
} from './worker-ending.ts'
import { exitedBeforeReady, threwBeforeReady } from './worker-start-failure.ts'

/** What the life of a worker needs and tells. */
export interface WorkerLifeOptions {
  readonly spec: WorkerSpec
  /** How many workers there were in this place before. */
  readonly earlier: number
  readonly startTimeoutMs: number
  readonly reporter: WorkerReporter
  /** Opens the link to a new worker, which gets ready by itself. */
  openLink(epoch: number, events: WorkerLinkEvents): WorkerLink
  /** The worker is ready, and says whether its class has fixed the size of its batches. */
  onReady(hasFixedBatches: boolean): void
  /** A frame of a worker that is at work; see `WorkerLinkEvents`. */
  onFrame(frame: FrameView, payload: Payload): void
  /** See `WorkerLinkEvents`. */
  onBatch(): void
  /** A worker has ended. Gives whether it had begun an item. */
  onEnd(end: WorkerEnd): boolean
  /** The restart budget is spent. */
  onFailed(reason: GivingUp): void
}

/** One worker after the other in the same place: started, watched, replaced when it dies, ended. */
export class WorkerLife {
  readonly #options: WorkerLifeOptions
  readonly #budget = new RestartBudget()
  #state: WorkerState = 'starting'
  #link: WorkerLink | undefined
  #epoch: number
  #ending: WorkerEnding | undefined
  #wantedFor: WantedReason = 'closed'
  #isLeaving = false
  #startError: WorkerStartError | undefined
  #startTimer: StartedTimer | undefined
  #restartTimer: NodeJS.Timeout | undefined
  #settleStart: ((error: Error | undefined) => void) | undefined
  #settleEnd: (() => void) | undefined

  constructor(options: WorkerLifeOptions) {
    this.#options = options
    this.#epoch = options.earlier
  }

  get state(): WorkerState {
    return this.#state
  }

  /** Which worker this is, from 1. */
  get epoch(): number {
    return this.#epoch
  }

  /** The way to the worker, unless it is dead. */
  get link(): WorkerLink | undefined {
    return this.#link
  }

  /**
   * Starts the first worker and waits until it is ready.
   *
   * @throws {WorkerStartError} When it does not become ready.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settleStart = (error) => {
        this.#settleStart = undefined
        if (error === undefined) resolve()
        else reject(error)
      }
      this.#launch()
    })
  }

  /** Lets the worker clean up and exit; ends it when that takes more than 1.5 s. */
  async close(reason: WantedReason = 'closed'): Promise<void> {
    this.#wantedFor = reason
    await this.#stop((link) => askToEnd(link, this.#epoch))
  }

  /** If the worker dies from now on, no other one takes its place. */
  leave(): void {
    this.#isLeaving = true
  }

  /** Ends the worker now; another one takes its place. */
  end(ending: WorkerEnding): void {
    if (this.#state !== 'ready' || this.#ending !== undefined) return
    this.#ending = ending
    this.#link?.kill()
  }

  /** Ends the worker now, and for good. */
  async kill(): Promise<void> {
    await this.#stop((link) => {
      link.kill()
      return () => undefined
    })
  }

  async #stop(act: (link: WorkerLink) => () => void): Promise<void> {
    clearTimeout(this.#restartTimer)
    if (this.#link === undefined) this.#state = 'dead'
    if (this.#state === 'dead' || this.#link === undefined) return
    const link = this.#link
    this.#state = 'stopping'
    const earlier = this.#settleEnd
    let undo: (() => void) | undefined
    await new Promise<void>((resolve) => {
      this.#settleEnd = () => {
        earlier?.()
        resolve()
      }
      undo = act(link)
    })
    undo?.()
  }

  #launch(): void {
    const epoch = ++this.#epoch
    this.#state = 'starting'
    this.#startError = undefined
    this.#ending = undefined
    const { spec, startTimeoutMs, reporter } = this.#options
    reporter.noteLaunch(epoch)
    this.#startTimer = startTimer(startTimeoutMs, () => {
      this.#startError ??= new WorkerStartError({
        workerName: spec.name,
        reason: 'timeout',
        detail: `it was not ready after ${startTimeoutMs} ms`,
      })
      this.#link?.kill()
    })
    try {
      this.#link = this.#options.openLink(epoch, {
        onFrame: (frame, payload) => this.#receive(frame, payload),
        onBatch: () => this.#options.onBatch(),
        onExit: (exit) => this.#afterExit(exit),
      })
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      this.#afterExit({ exitCode: null, signalCode: null, stderrTail: '', cause })
    }
  }

  /** @throws {ProtocolError} When a frame is not what the worker should have sent now. */
  #receive(frame: FrameView, payload: Payload): void {
    if (frame.kind === frameKind.ready) {
      this.#becomeReady(frame.hasFixedBatches)
    } else if (frame.kind === frameKind.startFailed) {
      this.#startError = threwBeforeReady(this.#options.spec.name, payload)
      this.#startTimer?.stop()
      this.#startTimer = startTimer(cleanupMs, () => this.#link?.terminate())
    } else {
      this.#options.onFrame(frame, payload)
    }
  }

  #becomeReady(hasFixedBatches: boolean): void {
    if (this.#state !== 'starting') return
    this.#startTimer?.stop()
    this.#state = 'ready'
    this.#options.reporter.noteReady({ pid: this.#link?.pid, epoch: this.#epoch })
    this.#options.onReady(hasFixedBatches)
    this.#settleStart?.(undefined)
  }

  #afterExit(exit: WorkerExit): void {
    this.#startTimer?.stop()
    const before = this.#state
    const isWanted = before === 'stopping'
    const link = this.#link
    const ending = this.#ending
    const rssBytes = ending?.kind === 'overfull' ? ending.rssBytes : undefined
    const crash = { ...exit, workerName: this.#options.spec.name, pid: link?.pid, rssBytes }
    const cause = exit.cause ?? (ending && causeOf(ending))
    this.#state = 'dead'
    this.#link = undefined
    const hasServed = this.#options.onEnd({ link, crash, cause, ending, isWanted })
    const ended = { ...crash, epoch: this.#epoch }
    const { reporter } = this.#options
    if (isWanted) {
      reporter.noteExit(ended, this.#wantedFor, undefined, this.#wantedFor !== 'closed')
      this.#settleStart?.(exitedBeforeReady(crash, cause))
      this.#settleEnd?.()
      return
    }
    const reason =
      before === 'starting'
        ? (this.#startError ?? exitedBeforeReady(crash, cause))
        : new WorkerCrashedError(crash, cause === undefined ? {} : { cause })
    const tell = (isReplaced: boolean): void =>
      reporter.noteExit(
        ended,
        before === 'starting' ? 'failed-to-start' : exitReasons[ending?.kind ?? 'none'],
        reason,
        isReplaced,
      )
    if (this.#isLeaving) {
      tell(false)
    } else if (this.#settleStart === undefined) {
      this.#replace(reason, hasServed, tell)
    } else {
      tell(false)
      this.#settleStart(reason)
    }
  }

  /** A worker that has begun an item does not keep failing to start. */
  #replace(error: Error, hasServed: boolean, tell: (isReplaced: boolean) => void): void {
    const delayMs = hasServed ? 0 : this.#budget.spend()
    tell(delayMs !== 'spent')
    getLogger(['mpservice', 'server']).warn('{message}; it {next}', {
      message: error.message,
      next: delayMs === 'spent' ? 'died too often and is not replaced' : 'is replaced',
      error,
    })
    if (delayMs === 'spent') {
      const { deaths, windowMs: withinMs } = this.#budget
      const { name: workerName } = this.#options.spec
      this.#options.onFailed({ workerName, deaths, withinMs, cause: error })
    } else {
      this.#restartTimer = setTimeout(() => this.#launch(), delayMs)
    }
  }
}
