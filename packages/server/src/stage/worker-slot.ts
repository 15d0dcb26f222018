import { ProtocolError } from '@mpservice/wire'
import type { FrameView } from '../channel/frame-view.ts'
import { frameKind } from '../channel/frame.ts'
import { toSystemTime } from '../channel/monotonic-clock.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { WorkerLink, WorkerLinkEvents } from '../link/worker-link.ts'
import type { WorkerSpec } from '../servlet.ts'
import { HeldTasks } from './held-tasks.ts'
import type { GivingUp, WorkerInfo } from './stage.ts'
import { abandonedPayload, finishTask, type Task } from './task.ts'
import { type WorkerEnd, WorkerLife } from './worker-life.ts'

/** What a slot needs from its stage. */
export interface SlotOptions {
  readonly spec: WorkerSpec
  readonly startTimeoutMs: number
  /** How many items, or batches, the worker works on at the same time. */
  readonly concurrency: number
  /** Opens the link to a new worker, which gets ready by itself. */
  openLink(epoch: number, events: WorkerLinkEvents): WorkerLink
  /** The worker can take more. */
  onRoom(): void
  /** An item took so many milliseconds. */
  onServiced(tookMs: number): void
  /** These tasks were with a worker that died, which had not begun them. */
  onReturned(tasks: readonly Task[]): void
  /** The worker died too often. */
  onFailed(reason: GivingUp): void
}

/** After so many milliseconds without an outcome, a worker is at something slow. */
const stuckAfterMs = 2
/** How soon room is looked for in a full channel to a worker that has nothing to do, in milliseconds. */
const roomMs = 1

/** A place for one worker in a stage, and the tasks that it holds. */
export class WorkerSlot {
  readonly #options: SlotOptions
  readonly #life: WorkerLife
  readonly #tasks: HeldTasks
  #isFull = false
  /** Whether this worker has given an outcome. */
  #hasServed = false
  /** How many items were answered: now, and when somebody looked. */
  #answered = 0
  #answeredThen = -1
  #lookedAt = 0
  /** When the worker last got something while it had nothing, or gave something. */
  #movedAt = 0

  constructor(options: SlotOptions) {
    this.#options = options
    this.#tasks = new HeldTasks(options.concurrency)
    this.#life = new WorkerLife({
      ...options,
      onReady: () => options.onRoom(),
      onFrame: (frame, payload) => this.#receive(frame, payload),
      onBatch: () => options.onRoom(),
      onEnd: (end) => this.#afterEnd(end),
    })
  }

  /** See `WorkerLife.start`. */
  start(): Promise<void> {
    return this.#life.start()
  }

  /** See `WorkerLife.close`. */
  close(): Promise<void> {
    return this.#life.close()
  }

  /** See `WorkerLife.kill`; what the worker holds fails. */
  kill(): Promise<void> {
    return this.#life.kill()
  }

  get isReady(): boolean {
    return this.#life.state === 'ready'
  }

  /** Whether the worker is ready and has room, as far as is known. */
  get takesMore(): boolean {
    return this.isReady && !this.#isFull && !this.#isStuck()
  }

  /** How many tasks the worker holds. */
  get held(): number {
    return this.#tasks.count
  }

  /** The same in batches, where tasks go in batches. */
  get load(): number {
    return this.#tasks.load
  }

  /** Whether the worker holds tasks that it has not begun. */
  get hasWaiting(): boolean {
    const { concurrency } = this.#options
    if (this.#tasks.load > concurrency) return true
    // Synchronous work keeps all others waiting.
    const { last } = this.#tasks
    if (concurrency === 1 || last === undefined || !this.canWithdraw) return false
    return this.#life.link?.hasBegun(last, true) === false
  }

  /**
   * Gives the worker a task, which it gets at the next `flush`; only when it is ready. Gives whether
   * there was room for it; if not, the slot takes no more until the worker has finished something.
   *
   * @throws {EncodeError} When the input cannot be carried.
   */
  trySend(task: Task, flags: number = 0): boolean {
    const { id, deadline } = task.branch.flight
    const header = {
      kind: frameKind.task,
      flags,
      attempt: task.attempt,
      epoch: this.#life.epoch,
      id,
      timeMs: toSystemTime(deadline),
    }
    if (this.#life.link?.trySend(header, task) !== true) {
      this.#isFull = true
      if (this.held === 0) this.#lookForRoomSoon()
      return false
    }
    if (this.held === 0) this.#movedAt = performance.now()
    this.#tasks.push(task)
    return true
  }

  /** What was given since the last call is a batch; see `WorkerLink.endBatch`. */
  endBatch(): void {
    this.#life.link?.endBatch()
  }

  /** Lets the worker have what it was given; see `WorkerLink.flush`. */
  flush(isBusy: boolean): void {
    this.#life.link?.flush(isBusy)
  }

  /** See `WorkerLink.spin`. */
  spin(): void {
    this.#life.link?.spin()
  }

  /** See `WorkerLink.lookForFrames`. */
  lookForFrames(): void {
    this.#life.link?.lookForFrames()
  }

  /** See `WorkerLink.isAwake`. */
  get isAwake(): boolean {
    return this.#life.link?.isAwake ?? false
  }

  /** Whether tasks can be taken back from the worker. */
  get canWithdraw(): boolean {
    return this.#life.link?.canWithdraw ?? false
  }

  /** Takes back the tasks that the worker has not begun and that somebody wants back. */
  withdraw(isWanted: (task: Task) => boolean): Task[] {
    const { link } = this.#life
    if (link === undefined) return []
    const withdrawn = this.#tasks.withdraw((task) => isWanted(task) && link.tryWithdraw(task))
    if (this.held === 0) this.#isFull = false
    return withdrawn
  }

  /** For how long, in milliseconds, the worker has been at the same item as when this was last asked. */
  lookAtProgress(): number {
    const now = performance.now()
    const stuckMs = this.#answeredThen === this.#answered ? now - this.#lookedAt : 0
    if (stuckMs === 0) this.#lookedAt = now
    this.#answeredThen = this.#answered
    return stuckMs
  }

  info(): WorkerInfo {
    const { link, state, epoch } = this.#life
    return {
      name: this.#options.spec.name,
      pid: link?.pid,
      state,
      held: this.#tasks.count,
      restarts: Math.max(0, epoch - 1),
    }
  }

  /** Whether the worker is at something slow, behind which nothing may go that cannot be taken back. */
  #isStuck(): boolean {
    if (this.canWithdraw || this.load < this.#options.concurrency) return false
    return performance.now() - this.#movedAt > stuckAfterMs
  }

  /** What was withdrawn takes room until the worker has passed over it, of which it says nothing. */
  #lookForRoomSoon(): void {
    setTimeout(() => {
      this.#isFull = false
      this.#options.onRoom()
    }, roomMs)
  }

  /** @throws {ProtocolError} When the worker cannot have sent this frame now. */
  #receive({ kind, id, timeMs }: FrameView, payload: Payload): void {
    if (kind !== frameKind.result) {
      throw new ProtocolError(`a frame of unknown kind ${kind} from a worker`)
    }
    if (!(timeMs >= 0 && timeMs < Infinity)) {
      throw new ProtocolError(`an item that took ${timeMs} ms`)
    }
    const task = this.#tasks.answer(id)
    this.#hasServed = true
    this.#answered++
    if (!this.canWithdraw) this.#movedAt = performance.now()
    this.#isFull = false
    // A batch is one service.
    if (task.batch === undefined || task.batch.left === 0) this.#options.onServiced(timeMs)
    task.release?.()
    finishTask(task, payload)
  }

  #afterEnd({ link, error, isWanted }: WorkerEnd): boolean {
    this.#answeredThen = -1
    this.#isFull = false
    const { begun, others } = this.#tasks.takeAll(
      (task, canHaveBegun) => link?.hasBegun(task, canHaveBegun) ?? false,
    )
    if (isWanted) for (const task of others) finishTask(task, abandonedPayload)
    else this.#options.onReturned(others)
    for (const task of begun) finishTask(task, exceptionPayload(error))
    const hasServed = begun.length > 0 || this.#hasServed
    // Its successor has not, until it does.
    this.#hasServed = false
    return hasServed
  }
}
