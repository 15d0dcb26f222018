import { largeBytes } from '../channel/frame-writer.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'
import { lookout } from '../link/lookout.ts'
import type { WorkerLink, WorkerLinkEvents } from '../link/worker-link.ts'
import type { WorkerSpec } from '../servlet.ts'
import { chooseSlot } from './choose-slot.ts'
import { ChunkPolicy } from './chunk-policy.ts'
import type { Branch } from './flight.ts'
import { maySpin } from './spin-budget.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { abandonedPayload, finishTask, Task } from './task.ts'
import { WorkerSlot } from './worker-slot.ts'

/** What a stage of workers is made from. */
export interface WorkerStagePlan {
  readonly name: string
  readonly kind: 'process' | 'thread'
  readonly workers: readonly WorkerSpec[]
  readonly startTimeoutMs: number
  openLink(spec: WorkerSpec, epoch: number, events: WorkerLinkEvents): WorkerLink
}

/** How long a worker may be busy with one item until others take what waits behind it, in ms. */
const lookMs = 1

/** How often outcomes are looked for that nobody has rung for, in milliseconds. */
const patrolMs = 20

/**
 * One queue in front of several workers: each item goes to one of them, the first that has room.
 *
 * Each worker has a link of its own and this is the only place that decides who gets what, so that
 * a dead worker can stop nobody else.
 */
export class WorkerStage implements Stage {
  readonly takesBytes = true
  readonly #plan: WorkerStagePlan
  readonly #context: StageContext
  readonly #slots: readonly WorkerSlot[]
  readonly #queue = new Fifo<Task>()
  readonly #policy = new ChunkPolicy()
  #lookTimer: NodeJS.Timeout | undefined
  #patrol: NodeJS.Timeout | undefined
  readonly #unflushed = new Set<WorkerSlot>()
  #isFlushing = false
  /** The worker that got the newest task. */
  #last: WorkerSlot | undefined

  /**
   * Starts all workers, in parallel.
   *
   * @throws {WorkerStartError} When one does not become ready; the context then undoes the start.
   */
  static async start(plan: WorkerStagePlan, context: StageContext): Promise<WorkerStage> {
    const stage = new WorkerStage(plan, context)
    context.onUndo(() => stage.kill())
    await Promise.all(stage.#slots.map((slot) => slot.start()))
    return stage
  }

  private constructor(plan: WorkerStagePlan, context: StageContext) {
    this.#plan = plan
    this.#context = context
    this.#slots = plan.workers.map(
      (spec) =>
        new WorkerSlot({
          spec,
          startTimeoutMs: plan.startTimeoutMs,
          openLink: (epoch, events) => plan.openLink(spec, epoch, events),
          onRoom: () => {
            this.#dispatch()
            this.#lookAgainSoon()
          },
          onServiced: (tookMs) => this.#policy.record(tookMs),
          onReturned: (tasks) => this.#takeBack(tasks),
          onFailed: (reason) => this.#context.onFailed(reason),
        }),
    )
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    branch.flight.hold()
    if (branch.isCancelled) {
      finishTask({ branch, done }, abandonedPayload)
      return
    }
    const task = new Task(branch, input, done)
    try {
      const slot = this.#queue.length === 0 ? this.#findRoom() : undefined
      if (slot !== undefined && this.#give(slot, task)) return
      // A caller may change its object later.
      task.input = task.input.freeze()
    } catch (error) {
      finishTask(task, exceptionPayload(error))
      return
    }
    this.#queue.push(task)
  }

  sweep(): void {
    const left = this.#slots.flatMap((slot) => slot.withdraw(({ branch }) => branch.isCancelled))
    left.push(...this.#queue.keep(({ branch }) => !branch.isCancelled))
    for (const task of left) finishTask(task, abandonedPayload)
    this.#dispatch()
  }

  isReady(): boolean {
    return this.#slots.some((slot) => slot.isReady)
  }

  debugInfo(): StageInfo {
    const workers = this.#slots.map((slot) => slot.info())
    return {
      name: this.#plan.name,
      kind: this.#plan.kind,
      queued: this.#queue.length,
      running: workers.reduce((total, worker) => total + worker.held, 0),
      workers,
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()))
  }

  async kill(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.kill()))
    for (const task of this.#queue.keep(() => false)) finishTask(task, abandonedPayload)
  }

  #takeBack(tasks: readonly Task[]): void {
    if (tasks.length > 0) this.#queue.unshift(tasks)
    this.#dispatch()
  }

  /**
   * Gives a task to a worker that gets it after the microtasks of this turn, so that what belongs
   * together goes together. What may be lost with the worker is kept.
   */
  #give(slot: WorkerSlot, task: Task): boolean {
    // Large ones are put into memory that outlives the worker.
    if (task.input.roughBytes() < largeBytes) task.input = task.input.freeze()
    if (!slot.trySend(task)) return false
    if (slot.held === 2) this.#lookAgainSoon()
    if (this.#patrol === undefined) this.#startPatrol()
    this.#unflushed.add(slot)
    this.#flushSoon()
    return true
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    process.nextTick(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    const isBusy = lookout.noteTraffic() && this.#policy.isQuick
    for (const slot of this.#unflushed) slot.flush(isBusy && slot === this.#last)
    this.#unflushed.clear()
    if (isBusy && this.#context.isAlone() && maySpin()) this.#last?.spin()
  }

  /** Gives waiting tasks to workers with room. */
  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#findRoom()
      if (slot === undefined) return
      const task = this.#queue.shift()
      if (task === undefined) return
      if (task.branch.isCancelled) {
        finishTask(task, abandonedPayload)
        continue
      }
      try {
        if (!this.#give(slot, task)) this.#queue.unshift([task])
      } catch (error) {
        finishTask(task, exceptionPayload(error))
      }
    }
  }

  /** While tasks are with workers, looks now and then for outcomes for which nobody has rung. */
  #startPatrol(): void {
    this.#patrol = setInterval(() => {
      const busy = this.#slots.filter((slot) => slot.held > 0)
      for (const slot of busy) slot.lookForFrames()
      if (busy.length > 0) return
      clearInterval(this.#patrol)
      this.#patrol = undefined
    }, patrolMs).unref()
  }

  /** What waits in workers behind other items is watched. */
  #lookAgainSoon(): void {
    if (this.#lookTimer !== undefined || !this.#hasWaiting()) return
    if (!this.#policy.isSilent && !this.#hasIdle()) return
    this.#lookTimer = setTimeout(() => this.#rebalance(), lookMs).unref()
  }

  /**
   * Reads outcomes for which a worker has not rung yet, because it has more to do, and takes back what
   * waits behind a slow item when others have nothing to do.
   */
  #rebalance(): void {
    this.#lookTimer = undefined
    for (const slot of this.#slots) if (slot.held > 1) slot.lookForFrames()
    const hasIdle = this.#hasIdle()
    for (const slot of this.#slots) {
      if (slot.held < 2) continue
      const stuckMs = slot.lookAtProgress()
      if (!hasIdle || stuckMs === 0) continue
      this.#policy.record(stuckMs)
      this.#takeBack(slot.withdraw(() => true))
    }
    this.#lookAgainSoon()
  }

  #hasIdle(): boolean {
    return this.#slots.some((slot) => slot.held === 0 && slot.takesMore)
  }

  #hasWaiting(): boolean {
    return this.#slots.some((slot) => slot.held > 1)
  }

  #findRoom(): WorkerSlot | undefined {
    const chosen = chooseSlot(this.#slots, this.#last, this.#policy)
    if (chosen !== undefined) this.#last = chosen
    return chosen
  }
}
