import type { ChunkPolicy } from './chunk-policy.ts'
import type { Task } from './task.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** What a watch on workers looks at, and whom it tells. */
export interface ProgressWatchOptions {
  readonly slots: readonly WorkerSlot[]
  /** All workers that may hold tasks, also those that get no more. */
  workers(): readonly WorkerSlot[]
  readonly policy: ChunkPolicy
  /** These tasks were taken back from a worker that is at something slow. */
  readonly onReturned: (tasks: readonly Task[]) => void
}

/** How long a worker may be busy with one item until others take what waits behind it, in ms. */
const lookMs = 1

/** How often outcomes are looked for that nobody has rung for, in milliseconds. */
const patrolMs = 20

/** Looks after workers that say nothing while they are at work. */
export class ProgressWatch {
  readonly #options: ProgressWatchOptions
  #lookTimer: NodeJS.Timeout | undefined
  #patrol: NodeJS.Timeout | undefined

  constructor(options: ProgressWatchOptions) {
    this.#options = options
  }

  /** A worker was given a task. */
  noteGiven(slot: WorkerSlot): void {
    if (slot.hasWaiting) this.lookAgainSoon()
    if (this.#patrol === undefined) this.#startPatrol()
  }

  /** What waits in workers behind other items is watched. */
  lookAgainSoon(): void {
    if (this.#lookTimer !== undefined || !this.#hasWaiting()) return
    if (!this.#options.policy.isSilent && !this.#hasIdle()) return
    this.#lookTimer = setTimeout(() => this.#rebalance(), lookMs).unref()
  }

  /** While tasks are with workers, looks now and then for outcomes for which nobody has rung. */
  #startPatrol(): void {
    this.#patrol = setInterval(() => {
      const busy = this.#options.workers().filter((slot) => slot.held > 0)
      for (const slot of busy) slot.life.link?.lookForFrames()
      if (busy.length > 0) return
      clearInterval(this.#patrol)
      this.#patrol = undefined
    }, patrolMs).unref()
  }

  /**
   * Reads outcomes for which a worker has not rung yet, because it has more to do, and takes back what
   * waits behind a slow item when others have nothing to do.
   */
  #rebalance(): void {
    this.#lookTimer = undefined
    const { slots, policy, onReturned } = this.#options
    for (const slot of slots) if (slot.hasWaiting) slot.life.link?.lookForFrames()
    const hasIdle = this.#hasIdle()
    for (const slot of slots) {
      if (!slot.hasWaiting) continue
      const stuckMs = slot.lookAtProgress()
      if (!hasIdle || stuckMs === 0) continue
      policy.record(stuckMs)
      onReturned(slot.withdraw(() => true))
    }
    this.lookAgainSoon()
  }

  #hasIdle(): boolean {
    return this.#options.slots.some((slot) => slot.held === 0 && slot.takesMore)
  }

  #hasWaiting(): boolean {
    return this.#options.slots.some((slot) => slot.hasWaiting)
  }
}
