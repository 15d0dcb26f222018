import { performance } from 'node:perf_hooks'
import { ProtocolError } from '@mpservice/wire'
import type { FrameView } from '../channel/frame-view.ts'
import { frameKind, plainHeader, type ScratchHeader } from '../channel/frame.ts'
import { toSystemTime } from '../channel/monotonic-clock.ts'
import type { Payload } from '../channel/payload.ts'
import { arrivalClock } from '../insight/arrival-clock.ts'
import type { StageMeter } from '../insight/stage-meter.ts'
import type { NoteLink } from '../inspect/show-stacks.ts'
import type { WorkerSpec } from '../servlet.ts'
import { unlimitedItems } from '../supervision.ts'
import { HeldTasks } from './held-tasks.ts'
import { SlotProgress } from './slot-progress.ts'
import type { WorkerInfo } from './stage.ts'
import { abandonedPayload, finishTask, type Task } from './task.ts'
import type { WantedReason, WorkerEnd } from './worker-ending.ts'
import { WorkerLife, type WorkerLifeOptions } from './worker-life.ts'

/** What a slot needs from its stage. */
export interface SlotOptions extends Omit<WorkerLifeOptions, 'onFrame' | 'onBatch' | 'onEnd'> {
  /** How many items, or batches, the worker works on at the same time. */
  readonly concurrency: number
  /** How many items a worker gets before another one takes its place. */
  readonly maxItems: number
  readonly meter: StageMeter
  /** The worker can take more. */
  onRoom(): void
  /** An item took so many milliseconds. */
  onServiced(tookMs: number): void
  /** A worker has ended that had begun some tasks and not begun others. */
  onEnded(end: WorkerEnd, begun: readonly Task[], others: readonly Task[]): void
  /** The worker gives these tasks back, which it has not begun. */
  onReturned(tasks: readonly Task[]): void
}

/** What the header of a frame can say. */
const mostAttempts = 0xffff
/** How soon room is looked for in a full channel to a worker that has nothing to do, in milliseconds. */
const roomMs = 1

/**
 * Who may give tasks to a worker: anybody; nobody until it holds none, and then one task that must be
 * alone; nobody any more.
 */
export type SlotUse = 'shared' | 'reserved' | 'retiring'

/** A place for one worker in a stage, and the tasks that it holds. */
export class WorkerSlot {
  readonly #options: SlotOptions
  /** The workers in this place, one after the other. */
  readonly life: WorkerLife
  readonly #tasks: HeldTasks
  readonly #progress = new SlotProgress()
  #isFull = false
  /** Whether this worker has given an outcome. */
  #hasServed = false
  /** Of the task that is being sent. */
  readonly #header: ScratchHeader = plainHeader(frameKind.task, 0)
  readonly #isLimited: boolean
  /** How many items the worker may still be given. */
  itemsLeft: number
  #onEmpty: (() => void) | undefined
  /** Who may give it tasks. */
  use: SlotUse = 'shared'

  constructor(options: SlotOptions) {
    this.#options = options
    this.#tasks = new HeldTasks(options.concurrency)
    this.#isLimited = options.maxItems < unlimitedItems
    this.itemsLeft = options.maxItems
    this.life = new WorkerLife({
      ...options,
      onReady: (hasFixedBatches) => {
        options.onReady(hasFixedBatches)
        options.onRoom()
      },
      onFrame: (frame, payload) => this.#receive(frame, payload),
      onBatch: () => options.onRoom(),
      onEnd: (end) => this.#afterEnd(end),
    })
  }

  /** Takes nothing more, finishes what has begun, and ends the worker. */
  async retire(reason: WantedReason): Promise<void> {
    this.use = 'retiring'
    this.life.leave()
    this.#options.onReturned(this.withdraw(() => true))
    if (this.held > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    await this.life.close(reason)
  }

  get isReady(): boolean {
    return this.life.state === 'ready'
  }

  /** Whether the worker is ready and has room for anybody's task, as far as is known. */
  get takesMore(): boolean {
    return (
      this.use === 'shared' && !this.#isFull && this.itemsLeft > 0 && this.isReady && !this.#isSlow
    )
  }

  /** Whether the worker has nothing and can take something, whoever it may be for. */
  get isIdle(): boolean {
    return this.use !== 'retiring' && this.held === 0 && this.itemsLeft > 0 && this.isReady
  }

  /** How many items the workers in this place have answered. */
  get answered(): number {
    return this.#progress.answered
  }

  get spec(): WorkerSpec {
    return this.#options.spec
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
    return this.life.link?.hasBegun(last, true) === false
  }

  /**
   * Gives the worker a task, which it gets at the next `flush`; only when it is ready. Gives whether
   * there was room for it; if not, the slot takes no more until the worker has finished something.
   *
   * @throws {EncodeError} When the input cannot be carried.
   */
  trySend(task: Task, flags: number = 0): boolean {
    const { id, deadline, priority } = task.branch.flight
    const header = this.#header
    header.flags = flags
    header.attempt = Math.min(task.attempt, mostAttempts)
    header.epoch = this.life.epoch
    header.id = id
    header.timeMs = toSystemTime(deadline)
    header.priority = priority
    if (this.life.link?.trySend(header, task) !== true) {
      this.#isFull = true
      if (this.held === 0) this.#lookForRoomSoon()
      return false
    }
    if (this.held === 0) this.#progress.noteMove(performance.now())
    if (this.#isLimited) this.itemsLeft--
    this.#tasks.push(task)
    return true
  }

  /** Whether tasks can be taken back from the worker. */
  get canWithdraw(): boolean {
    return this.life.link?.canWithdraw ?? false
  }

  /** Takes back the tasks that the worker has not begun and that somebody wants back. */
  withdraw(isWanted: (task: Task) => boolean): Task[] {
    const { link } = this.life
    if (link === undefined) return []
    const withdrawn = this.#tasks.withdraw((task) => isWanted(task) && link.tryWithdraw(task))
    if (this.#isLimited) this.itemsLeft += withdrawn.length
    if (this.held === 0) this.#isFull = false
    return withdrawn
  }

  /** The tasks that the worker is at, as far as that is known, in order. */
  begun(): Task[] {
    const { link } = this.life
    if (link === undefined) return []
    return this.#tasks.begun((task, canHaveBegun) => link.hasBegun(task, canHaveBegun))
  }

  /** The tasks that the worker cannot be kept from, unless it is told. */
  unstoppable(): Task[] {
    return this.canWithdraw ? this.begun() : this.#tasks.all()
  }

  /** Tells that the worker has been at the same item for so long. */
  reportStuck(runningMs: number): void {
    const { link, epoch } = this.life
    this.#options.reporter.noteStuck({ pid: link?.pid, epoch, runningMs })
  }

  /** See `SlotProgress.look`. */
  lookAtProgress(): number {
    return this.#progress.look()
  }

  info(note?: NoteLink): WorkerInfo {
    const { link, state, epoch } = this.life
    const { held, spec } = this
    const info: WorkerInfo = {
      name: spec.name,
      pid: link?.pid ?? null,
      cpuAffinity: spec.cpuAffinity,
      state,
      held,
      currentMs: held === 0 ? null : this.#progress.sinceMoveMs,
      epoch,
      restarts: Math.max(0, epoch - 1),
      ...(link?.inspectUrl !== undefined && { inspectUrl: link.inspectUrl }),
    }
    if (link !== undefined) note?.(info, link)
    return info
  }

  /** Whether the worker is at something slow, behind which nothing may go that cannot be taken back. */
  get #isSlow(): boolean {
    if (this.canWithdraw || this.load < this.#options.concurrency) return false
    return this.#progress.isSlow
  }

  /** What was withdrawn takes room until the worker has passed over it, of which it says nothing. */
  #lookForRoomSoon(): void {
    setTimeout(() => {
      this.#isFull = false
      this.#options.onRoom()
    }, roomMs)
  }

  /** @throws {ProtocolError} When the worker cannot have sent this frame now. */
  #receive(frame: FrameView, payload: Payload): void {
    const { kind, id, timeMs } = frame
    if (kind !== frameKind.result) {
      throw new ProtocolError(`a frame of unknown kind ${kind} from a worker`)
    }
    if (!(timeMs >= 0 && timeMs < Infinity)) {
      throw new ProtocolError(`an item that took ${timeMs} ms`)
    }
    const task = this.#tasks.answer(id)
    this.#hasServed = true
    this.#progress.noteAnswer(arrivalClock.time)
    const { meter } = this.#options
    if (frame.isSkipped) meter.noteSkipped()
    else meter.noteAnswered(task, timeMs, payload.isException)
    this.#isFull = false
    // A batch is one service.
    const isWhole = task.batch === undefined || task.batch.left === 0
    if (isWhole && !frame.isSkipped) this.#options.onServiced(timeMs)
    task.release?.()
    if (task.isGivenUp) this.life.link?.forgetAbandoned(id)
    if (this.held === 0) this.#onEmpty?.()
    finishTask(task, frame.isSkipped ? abandonedPayload : payload)
  }

  #afterEnd(end: WorkerEnd): boolean {
    this.#progress.reset()
    this.#isFull = false
    this.itemsLeft = this.#options.maxItems
    const { begun, others } = this.#tasks.takeAll(
      (task, canHaveBegun) => end.link?.hasBegun(task, canHaveBegun) ?? false,
    )
    this.#onEmpty?.()
    this.#options.onEnded(end, begun, others)
    const hasServed = begun.length > 0 || this.#hasServed
    // Its successor has not, until it does.
    this.#hasServed = false
    return hasServed
  }
}
