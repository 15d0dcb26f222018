import type { Batching } from '../batching.ts'
import { largeBytes } from '../channel/frame-writer.ts'
import { moreOfBatch } from '../channel/frame.ts'
import type { StageMeter } from '../insight/stage-meter.ts'
import { BatchGate } from './batch-gate.ts'
import type { Batch } from './batch.ts'
import { chooseFreeSlot, chooseSlot } from './choose-slot.ts'
import type { ChunkPolicy } from './chunk-policy.ts'
import { Suspects } from './suspects.ts'
import { makeTaskQueue } from './task-queue.ts'
import { failUnsent, skipTask, type Task } from './task.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** What a dispatcher needs of its stage. */
export interface DispatcherOptions {
  /** The name of the stage, for messages. */
  readonly name: string
  /** Those who serve; always the same list. */
  readonly slots: readonly WorkerSlot[]
  readonly policy: ChunkPolicy
  /** How batches are formed now. */
  readonly batching: Batching
  /** How many items, or batches, each worker works on at the same time. */
  readonly concurrency: number
  readonly meter: StageMeter
  /** A worker was given a task, which it gets when it is flushed. */
  onGiven(slot: WorkerSlot): void
}

/** Keeps what waits for the workers of a stage, and decides who gets what. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #queue = makeTaskQueue<Task>()
  readonly #suspects = new Suspects()
  /** In a stage that forms batches. */
  readonly #gate: BatchGate | undefined
  #isDispatching = false
  #dispatchesAgain = false
  /** The worker that got the newest task. */
  #last: WorkerSlot | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
    const { batching } = options
    if (batching.size > 0) this.#gate = new BatchGate(batching, () => this.dispatch())
  }

  /** How many tasks wait. */
  get queued(): number {
    return this.#queue.length + this.#suspects.count
  }

  /** Takes a task in, and gives it to a worker if one has room for it. */
  add(task: Task): void {
    try {
      if (this.#gate === undefined) {
        const slot = this.#queue.length === 0 ? this.#findRoom() : undefined
        if (slot !== undefined && this.#give(slot, task)) return
      }
      // A caller may change its object later.
      task.input = task.input.freeze()
    } catch (error) {
      failUnsent(task, error, this.#options.name, this.#options.meter)
      return
    }
    this.#queue.push(task)
    if (this.#gate === undefined) return
    task.cameAt = this.#gate.arrivalTime()
    // What fills a batch goes at once; the rest after this turn.
    if (this.#gate.isFull(this.#queue.length)) this.dispatch()
  }

  /** Takes tasks back, in front of all others, and those that must be alone. */
  takeBack(tasks: readonly Task[], suspects: readonly Task[] = []): void {
    if (tasks.length > 0) this.#queue.unshift(tasks)
    for (const task of suspects) this.#suspects.add(task)
    this.dispatch()
  }

  /** Takes out the tasks for which `isWanted` says no. */
  keep(isWanted: (task: Task) => boolean): Task[] {
    return [...this.#queue.keep(isWanted), ...this.#suspects.keep(isWanted)]
  }

  /** Nothing is to be given any more; takes out all tasks. */
  stop(): Task[] {
    this.#gate?.stop()
    return this.keep(() => false)
  }

  /** No more tasks will come: nothing waits for others to go with. */
  hurry(): void {
    this.#gate?.hurry()
  }

  /** Gives waiting tasks to workers with room; items that end meanwhile make room for others. */
  dispatch(): void {
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

  /**
   * Gives a task to a worker that gets it after the microtasks of this turn, so that what belongs
   * together goes together. What may be lost with the worker is kept.
   */
  #give(slot: WorkerSlot, task: Task, flags?: number): boolean {
    // Large ones are put into memory that outlives the worker.
    if (task.input.roughBytes() < largeBytes) task.input = task.input.freeze()
    if (!slot.trySend(task, flags)) return false
    this.#options.onGiven(slot)
    return true
  }

  #dispatchSuspects(): void {
    if (this.#suspects.isOff) return
    this.#suspects.dispatch(
      this.#options.slots,
      (slot, task) => {
        if (this.#gate !== undefined) task.batch = { size: 0, left: 0 }
        const isGiven = this.#tryGive(slot, task)
        if (task.batch?.left === 1) this.#options.meter.noteBatch(slot.spec.name, 1, task.cameAt)
        return isGiven
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
      skipTask(task, this.#options.meter)
      return true
    }
    try {
      return this.#give(slot, task, flags)
    } catch (error) {
      failUnsent(task, error, this.#options.name, this.#options.meter)
      return true
    }
  }

  #dispatchBatches(gate: BatchGate): void {
    for (let first = this.#queue.oldest; first !== undefined; first = this.#queue.oldest) {
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
    const cameAt = this.#queue.peek()?.cameAt ?? 0
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
    slot.life.link?.endBatch()
    if (batch.left > 0) this.#options.meter.noteBatch(slot.spec.name, batch.left, cameAt)
  }

  #findRoom(): WorkerSlot | undefined {
    return this.#choose(chooseSlot(this.#options.slots, this.#last, this.#options.policy))
  }

  #findFree(): WorkerSlot | undefined {
    return this.#choose(chooseFreeSlot(this.#options.slots, this.#last, this.#options.concurrency))
  }

  #choose(chosen: WorkerSlot | undefined): WorkerSlot | undefined {
    if (chosen !== undefined) this.#last = chosen
    return chosen
  }
}
