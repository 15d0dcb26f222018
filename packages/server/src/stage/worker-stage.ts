import type { MutableBatching } from '../batching.ts'
import { largeBytes } from '../channel/frame-writer.ts'
import { moreOfBatch } from '../channel/frame.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'
import type { WorkerSpec } from '../servlet.ts'
import { BatchGate } from './batch-gate.ts'
import type { Batch } from './batch.ts'
import { chooseFreeSlot, chooseSlot } from './choose-slot.ts'
import { ChunkPolicy, quickBatchMs } from './chunk-policy.ts'
import { Crew } from './crew.ts'
import type { Branch } from './flight.ts'
import { FlushTurn } from './flush-turn.ts'
import { HealthWatch } from './health-watch.ts'
import { decideFate } from './lost-task.ts'
import { ProgressWatch } from './progress-watch.ts'
import { type ServerStage, StageKnobs } from './stage-knobs.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { Suspects } from './suspects.ts'
import { abandonedPayload, failUnsent, finishTask, Task } from './task.ts'
import type { WorkerEnd } from './worker-ending.ts'
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
  readonly #crew: Crew
  readonly #queue = new Fifo<Task>()
  readonly #suspects = new Suspects()
  readonly #policy: ChunkPolicy
  readonly #progress: ProgressWatch
  readonly #health: HealthWatch
  /** How batches are formed now. */
  readonly #batching: MutableBatching
  readonly #knobs: StageKnobs
  /** In a stage that forms batches. */
  readonly #gate: BatchGate | undefined
  readonly #turn: FlushTurn
  #isDispatching = false
  #dispatchesAgain = false
  /** How many items a worker may still get when its successor is started. */
  readonly #renewAt: number
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
    await stage.#crew.start()
    return stage
  }

  private constructor(plan: WorkerStagePlan, context: StageContext) {
    this.#plan = plan
    this.#context = context
    this.#batching = { ...plan.batching }
    // Infinity stays out of reach.
    this.#renewAt = Math.floor(Math.min(plan.supervision.maxItems, Number.MAX_SAFE_INTEGER) / 10)
    if (plan.batching.size > 0) this.#gate = new BatchGate(this.#batching, () => this.#dispatch())
    this.#policy = new ChunkPolicy(plan.concurrency, this.#gate && quickBatchMs)
    this.#turn = new FlushTurn(this.#policy, () => context.isAlone())
    this.#crew = new Crew({
      count: plan.count,
      specOf: (workerIndex) => plan.specOf(workerIndex),
      makeSlot: (spec, earlier) => this.#makeSlot(spec, earlier),
      onChange: () => this.#dispatch(),
      onFailed: (reason) => context.onFailed(reason),
    })
    this.#knobs = new StageKnobs({
      name: plan.name,
      crew: this.#crew,
      batching: this.#batching,
      onBatching: () => this.#dispatch(),
    })
    this.#progress = new ProgressWatch({
      slots: this.#crew.slots,
      workers: () => this.#crew.all,
      policy: this.#policy,
      onReturned: (tasks) => this.#takeBack(tasks),
    })
    this.#health = new HealthWatch({
      workers: () => this.#crew.all,
      itemTimeoutMs: plan.supervision.itemTimeoutMs,
      maxRssBytes: plan.maxRssBytes,
      onOverfull: (slot) => this.#crew.renew(slot),
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
    const isWanted = ({ branch }: Task): boolean => !branch.isCancelled
    const left = this.#crew.all.flatMap((slot) => slot.withdraw(({ branch }) => branch.isCancelled))
    left.push(...this.#queue.keep(isWanted), ...this.#suspects.keep(isWanted))
    for (const task of left) finishTask(task, abandonedPayload)
    if (this.#plan.supervision.onAbandon !== 'finish') this.#giveUpBegun()
    this.#dispatch()
  }

  hurry(): void {
    this.#gate?.hurry()
  }

  look(): void {
    for (const slot of this.#crew.all) if (slot.held > 0) slot.lookForFrames()
  }

  isReady(): boolean {
    return this.#crew.slots.some((slot) => slot.isReady)
  }

  debugInfo(): StageInfo {
    const workers = this.#crew.all.map((slot) => slot.info())
    return {
      name: this.#plan.name,
      kind: this.#plan.kind,
      queued: this.#queue.length + this.#suspects.count,
      running: workers.reduce((total, worker) => total + worker.held, 0),
      workers,
    }
  }

  knobs(): readonly ServerStage[] {
    return [this.#knobs]
  }

  async close(): Promise<void> {
    await this.#crew.close()
  }

  async kill(): Promise<void> {
    await this.#crew.kill()
    const left = [...this.#queue.keep(() => false), ...this.#suspects.keep(() => false)]
    for (const task of left) finishTask(task, abandonedPayload)
  }

  #makeSlot(spec: WorkerSpec, earlier: number): WorkerSlot {
    const { startTimeoutMs, concurrency, supervision } = this.#plan
    return new WorkerSlot({
      spec,
      earlier,
      startTimeoutMs,
      concurrency,
      maxItems: supervision.maxItems,
      openLink: (epoch, events) => this.#plan.openLink(spec, epoch, this.#batching, events),
      onRoom: () => {
        this.#dispatch()
        this.#progress.lookAgainSoon()
      },
      onServiced: (tookMs) => this.#policy.record(tookMs),
      onReturned: (tasks) => this.#takeBack(tasks),
      onEnded: (end, begun, others) => this.#afterEnd(end, begun, others),
      onFailed: (reason) => this.#context.onFailed(reason),
    })
  }

  /** Lets workers know, or ends them, that are at what nobody waits for any more. */
  #giveUpBegun(): void {
    const isKill = this.#plan.supervision.onAbandon === 'kill'
    for (const slot of this.#crew.all) {
      for (const task of slot.begun()) {
        if (task.isGivenUp || !task.branch.isCancelled) continue
        task.isGivenUp = true
        if (isKill) slot.end({ kind: 'abandoned' })
        else slot.abandon(task)
      }
    }
  }

  /** Decides about the tasks of a worker that has ended. */
  #afterEnd(end: WorkerEnd, begun: readonly Task[], others: readonly Task[]): void {
    const again: Task[] = []
    for (const task of begun) {
      if (task.branch.isCancelled) {
        finishTask(task, abandonedPayload)
        continue
      }
      const fate = decideFate(task, end, this.#plan.supervision.retries)
      if (fate.kind === 'failed') {
        finishTask(task, exceptionPayload(fate.error))
        continue
      }
      task.beginAgain()
      if (fate.kind === 'evicted') again.push(task)
      else this.#suspects.add(task)
    }
    if (end.isWanted) for (const task of others) finishTask(task, abandonedPayload)
    else again.push(...others)
    this.#takeBack(again)
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
    this.#progress.noteGiven(slot)
    this.#health.noteGiven()
    this.#turn.add(slot)
    if (slot.itemsLeft <= this.#renewAt) this.#crew.renew(slot)
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
        this.#dispatchSuspects()
        if (this.#gate === undefined) this.#dispatchItems()
        else this.#dispatchBatches(this.#gate)
      } while (this.#dispatchesAgain)
    } finally {
      this.#isDispatching = false
    }
  }

  #dispatchSuspects(): void {
    if (this.#suspects.isOff) return
    this.#suspects.dispatch(
      this.#crew.slots,
      (slot, task) => {
        if (this.#gate !== undefined) task.batch = { size: 0, left: 0 }
        return this.#tryGive(slot, task)
      },
      (slot) => this.#queue.unshift(slot.withdraw(() => true)),
    )
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
      this.#giveBatch(slot, Math.min(gate.size, slot.itemsLeft))
    }
  }

  /** Gives a worker the first items of the queue; fewer where there is no room for all of them. */
  #giveBatch(slot: WorkerSlot, size: number): void {
    const batch: Batch = { size: 0, left: 0 }
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
    return this.#choose(chooseSlot(this.#crew.slots, this.#last, this.#policy))
  }

  #findFree(): WorkerSlot | undefined {
    return this.#choose(chooseFreeSlot(this.#crew.slots, this.#last, this.#plan.concurrency))
  }

  #choose(chosen: WorkerSlot | undefined): WorkerSlot | undefined {
    if (chosen !== undefined) this.#last = chosen
    return chosen
  }
}
