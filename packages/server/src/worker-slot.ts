import { getLogger } from '@logtape/logtape'
import { type StartedTimer, startTimer } from '@mpservice/process'
import { ProtocolError } from '@mpservice/wire'
import { WorkerCrashedError, WorkerStartError } from './errors.ts'
import { encodeHeader, frameKind, headerBytes, plainHeader, readHeader } from './frame.ts'
import { toSystemTime } from './monotonic-clock.ts'
import { exceptionPayload, receivedPayload } from './payload.ts'
import { RestartBudget } from './restart-budget.ts'
import type { WorkerSpec } from './servlet.ts'
import type { WorkerInfo, WorkerState } from './stage.ts'
import { abandonedPayload, finishTask, type Task } from './task.ts'
import type { WorkerExit, WorkerLink, WorkerLinkEvents } from './worker-link.ts'
import { exitedBeforeReady, threwBeforeReady } from './worker-start-failure.ts'
import { cleanupMs } from './worker.ts'

/** What a slot needs from its stage. */
export interface SlotOptions {
  readonly spec: WorkerSpec
  readonly startTimeoutMs: number
  /** Opens the link to a new worker, which gets ready by itself. */
  openLink(epoch: number, events: WorkerLinkEvents): WorkerLink
  /** The worker can take more. */
  onRoom(): void
  /** An item took so many milliseconds. */
  onServiced(tookMs: number): void
  /** These tasks were with a worker that died, which cannot have begun them. */
  onReturned(tasks: readonly Task[]): void
  /** The restart budget is spent. */
  onFailed(reason: Error): void
}

/** A place for one worker in a stage, in which a dead worker is replaced. */
export class WorkerSlot {
  readonly #options: SlotOptions
  readonly #budget = new RestartBudget()
  #state: WorkerState = 'starting'
  #link: WorkerLink | undefined
  #epoch = 0
  /** Whether this incarnation of the worker has given an outcome. */
  #hasServed = false
  /** What the worker holds, in the order in which it works on it: chunks of tasks. */
  #chunks: Task[][] = []
  #startError: WorkerStartError | undefined
  #startTimer: StartedTimer | undefined
  #restartTimer: NodeJS.Timeout | undefined
  #settleStart: ((error: Error | undefined) => void) | undefined
  #settleEnd: (() => void) | undefined

  constructor(options: SlotOptions) {
    this.#options = options
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

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  /** How many chunks the worker holds. */
  get chunksHeld(): number {
    return this.#chunks.length
  }

  /** Gives the worker a chunk of at least one task; only when it is ready. */
  send(chunk: Task[]): void {
    this.#chunks.push(chunk)
    for (const task of chunk) {
      const { id, deadline } = task.branch.flight
      const header = encodeHeader({
        kind: frameKind.task,
        attempt: task.attempt,
        epoch: this.#epoch,
        id,
        timeMs: toSystemTime(deadline),
      })
      this.#link?.send(header, task.bytes)
    }
  }

  info(): WorkerInfo {
    return {
      name: this.#options.spec.name,
      pid: this.#link?.pid,
      state: this.#state,
      held: this.#chunks.flat().length,
      restarts: Math.max(0, this.#epoch - 1),
    }
  }

  /** Lets the worker clean up and exit; ends its process when that takes more than 1.5 s. */
  async close(): Promise<void> {
    await this.#stop((link) => {
      link.send(plainHeader(frameKind.stop, this.#epoch))
      const timer = setTimeout(() => link.terminate(), cleanupMs)
      return () => clearTimeout(timer)
    })
  }

  /** Ends the worker now; what it holds fails. */
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
    const { spec, startTimeoutMs } = this.#options
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
        onFrames: (frames) => this.#receive(frames),
        onExit: (exit) => this.#afterExit(exit),
      })
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      this.#afterExit({ exitCode: null, signalCode: null, stderrTail: '', cause })
    }
  }

  /** @throws {ProtocolError} When a frame is not what the worker should have sent now. */
  #receive(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const header = readHeader(frame)
      const payload = frame.subarray(headerBytes)
      switch (header.kind) {
        case frameKind.ready:
          this.#becomeReady()
          break
        case frameKind.startFailed:
          this.#startError = threwBeforeReady(this.#options.spec.name, payload)
          this.#startTimer?.stop()
          this.#startTimer = startTimer(cleanupMs, () => this.#link?.terminate())
          break
        case frameKind.result:
          if (!(header.timeMs >= 0 && header.timeMs < Infinity)) {
            throw new ProtocolError(`an item that took ${header.timeMs} ms`)
          }
          this.#finish(header.id, payload, header.timeMs)
          break
        default:
          throw new ProtocolError(`a frame of unknown kind ${header.kind} from a worker`)
      }
    }
  }

  #becomeReady(): void {
    if (this.#state !== 'starting') return
    this.#startTimer?.stop()
    this.#state = 'ready'
    this.#hasServed = false
    this.#settleStart?.(undefined)
    this.#options.onRoom()
  }

  #finish(id: number, payload: Uint8Array, tookMs: number): void {
    const chunk = this.#chunks[0]
    const task = chunk?.[0]
    if (chunk === undefined || task === undefined || task.branch.flight.id !== id) {
      throw new ProtocolError(`a result for item ${id}, which the worker is not working on`)
    }
    chunk.shift()
    this.#hasServed = true
    this.#options.onServiced(tookMs)
    finishTask(task, receivedPayload(payload))
    if (chunk.length > 0) return
    this.#chunks.shift()
    this.#options.onRoom()
  }

  #afterExit(exit: WorkerExit): void {
    this.#startTimer?.stop()
    const before = this.#state
    const crash = { ...exit, workerName: this.#options.spec.name, pid: this.#link?.pid }
    const cause = exit.cause === undefined ? {} : { cause: exit.cause }
    const [begun, ...others] = this.#chunks.flat()
    this.#chunks = []
    this.#state = 'dead'
    this.#link = undefined

    if (before === 'stopping') {
      for (const task of others) finishTask(task, abandonedPayload)
      this.#settleStart?.(exitedBeforeReady(crash, exit.cause))
      this.#settleEnd?.()
    } else {
      this.#options.onReturned(others)
      const error =
        before === 'starting'
          ? (this.#startError ?? exitedBeforeReady(crash, exit.cause))
          : new WorkerCrashedError(crash, cause)
      if (this.#settleStart !== undefined) this.#settleStart(error)
      else this.#replace(error, begun !== undefined || this.#hasServed)
    }
    if (begun !== undefined) {
      finishTask(begun, exceptionPayload(new WorkerCrashedError(crash, cause)))
    }
  }

  /** A worker that has served since its start does not keep failing to start. */
  #replace(error: Error, hasServed: boolean): void {
    const delayMs = hasServed ? 0 : this.#budget.spend()
    getLogger(['mpservice', 'server']).warn('{message}; it {next}', {
      message: error.message,
      next: delayMs === 'spent' ? 'died too often and is not replaced' : 'is replaced',
      error,
    })
    if (delayMs === 'spent') this.#options.onFailed(error)
    else this.#restartTimer = setTimeout(() => this.#launch(), delayMs)
  }
}
