import { largeBytes } from '../channel/frame-writer.ts'
import { moreOfBatch } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'
import { BatchGate } from './batch-gate.ts'
import type { Batch } from './batch.ts'
import { chooseFreeSlot, chooseSlot } from './choose-slot.ts'
import { ChunkPolicy, quickBatchMs } from './chunk-policy.ts'
import type { Branch } from './flight.ts'
import { FlushTurn } from './flush-turn.ts'
import { ProgressWatch } from './progress-watch.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { abandonedPayload, failUnsent, finishTask, Task } from './task.ts'
import { WorkerSlot } from './worker-slot.ts'
import type { WorkerStagePlan } from './worker-stage-plan.ts'

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
  readonly #policy: ChunkPolicy
  readonly #watch: ProgressWatch
  /** In a stage that forms batches. */
  readonly #gate: BatchGate | undefined
  readonly #turn: FlushTurn
  #isDispatching = false
  #dispatchesAgain = false
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
    if (plan.batching.size > 0) this.#gate = new BatchGate(plan.batching, () => this.#dispatch())
    this.#policy = new ChunkPolicy(plan.concurrency, this.#gate && quickBatchMs)
    this.#turn = new FlushTurn(this.#policy, () => context.isAlone())
    this.#slots = plan.workers.map(
      (spec) =>
        new WorkerSlot({
          spec,
          startTimeoutMs: plan.startTimeoutMs,
          concurrency: plan.concurrency,
          openLink: (epoch, events) => plan.openLink(spec, epoch, events),
          onRoom: () => {
            this.#dispatch()
            this.#watch.lookAgainSoon()
          },
          onServiced: (tookMs) => this.#policy.record(tookMs),
          onReturned: (tasks) => this.#takeBack(tasks),
          onFailed: (reason) => this.#context.onFailed(reason),
        }),
    )
    this.#watch = new ProgressWatch({
      slots: this.#slots,
      policy: this.#policy,
      onReturned: (tasks) => this.#takeBack(tasks),
    })
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    branch.flight.hold()
    if (branch.isCancelled) {
      finishTask({ branch, done }, abandonedPayload)
      return
    }
    const task = new Task(branch, input, done)
    try {
      if (this.#gate === undefined) {
        const slot = this.#queue.length === 0 ? this.#findRoom() : undefined
        if (slot !== undefined && this.#give(slot, task)) return
      }
      // A caller may change its object later.
      task.input = task.input.freeze()
    } catch (error) {
      failUnsent(task, error, this.#plan.name)
      return
    }
    this.#queue.push(task)
    if (this.#gate === undefined) return
    task.cameAt = this.#gate.arrivalTime()
    // What fills a batch goes at once; the rest after this turn.
    if (this.#gate.isFull(this.#queue.length)) this.#dispatch()
  }

  sweep(): void {
    const left = this.#slots.flatMap((slot) => slot.withdraw(({ branch }) => branch.isCancelled))
    left.push(...this.#queue.keep(({ branch }) => !branch.isCancelled))
    for (const task of left) finishTask(task, abandonedPayload)
    this.#dispatch()
  }

  hurry(): void {
    this.#gate?.hurry()
  }

  look(): void {
    for (const slot of this.#slots) if (slot.held > 0) slot.lookForFrames()
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
  #give(slot: WorkerSlot, task: Task, flags?: number): boolean {
    // Large ones are put into memory that outlives the worker.
    if (task.input.roughBytes() < largeBytes) task.input = task.input.freeze()
    if (!slot.trySend(task, flags)) return false
    this.#watch.noteGiven(slot)
    this.#turn.add(slot)
    return true
  }

  /** Gives waiting tasks to workers with room; items that end meanwhile make room for others. */
  #dispatch(): void {
    if (this.#isDispatching) {
      this.#dispatchesAgain = true
      return
    }
    this.#isDispatching = true
    try {
      do {
        this.#dispatchesAgain = false
        if (this.#gate === undefined) this.#dispatchItems()
        else this.#dispatchBatches(this.#gate)
      } while (this.#dispatchesAgain)
    } finally {
      this.#isDispatching = false
    }
  }

  #dispatchItems(): void {
    while (this.#queue.length > 0) {
      const slot = this.#findRoom()
      if (slot === undefined) return
      const task = this.#queue.shift()
      if (task === undefined) return
      if (!this.#tryGive(slot, task)) this.#queue.unshift([task])
    }
  }

  /** Gives whether there was room for a task, or the task has ended. */
  #tryGive(slot: WorkerSlot, task: Task, flags?: number): boolean {
    if (task.branch.isCancelled) {
      finishTask(task, abandonedPayload)
      return true
    }
    try {
      return this.#give(slot, task, flags)
    } catch (error) {
      failUnsent(task, error, this.#plan.name)
      return true
    }
  }

  #dispatchBatches(gate: BatchGate): void {
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      const isFull = gate.isFull(this.#queue.length)
      if (!isFull && !gate.isDue(first.cameAt)) return
      const slot = isFull ? this.#findRoom() : this.#findFree()
      if (slot === undefined) return
      this.#giveBatch(slot, gate.size)
    }
  }

  /** Gives a worker the first items of the queue; fewer where there is no room for all of them. */
  #giveBatch(slot: WorkerSlot, size: number): void {
    const batch: Batch = { left: 0 }
    let hasRoom = true
    while (hasRoom && batch.left < size) {
      const task = this.#queue.shift()
      if (task === undefined) break
      task.batch = batch
      hasRoom = this.#tryGive(slot, task, moreOfBatch)
      if (hasRoom) continue
      task.batch = undefined
      this.#queue.unshift([task])
    }
    slot.endBatch()
  }

  #findRoom(): WorkerSlot | undefined {
    return this.#choose(chooseSlot(this.#slots, this.#last, this.#policy))
  }

  #findFree(): WorkerSlot | undefined {
    return this.#choose(chooseFreeSlot(this.#slots, this.#last, this.#plan.concurrency))
  }

  #choose(chosen: WorkerSlot | undefined): WorkerSlot | undefined {
    if (chosen !== undefined) this.#last = chosen
    return chosen
  }
}
