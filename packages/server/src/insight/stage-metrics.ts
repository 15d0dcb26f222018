import type { SizeSummary, TimeSummary } from './summary.ts'

/** What a stage has done since the server was started, as plain data. */
export type StageMetrics = WorkingStageMetrics | CompoundStageMetrics

/** What a stage has done that is made of stages: what they have. */
export interface CompoundStageMetrics {
  readonly name: string
  readonly kind: 'sequential' | 'ensemble' | 'switch'
  readonly children: readonly StageMetrics[]
}

/** What a stage has done that does work itself. Counts are of items, unless they say otherwise. */
export interface WorkingStageMetrics {
  readonly name: string
  readonly kind: 'process' | 'thread' | 'async'
  /** How many workers it has; of an async stage 1. */
  readonly workers: number
  /** Now waiting for a worker. */
  readonly queued: number
  /** Now with a worker. */
  readonly running: number
  /** With an outcome: a result or an error. */
  readonly items: number
  /** Of these, those whose outcome was an error: thrown, not to be carried, or a worker's death. */
  readonly errors: number
  /** Never begun, because nobody waited for them any more. */
  readonly skipped: number
  /** Begun again because their worker was ended for another item's sake. */
  readonly evicted: number
  /** Begun again because their worker had died. */
  readonly retried: number
  /** How many workers were started in the place of another. */
  readonly restarts: number
  /** From an item's arrival at the stage until it was begun; includes the ways to the worker and back. */
  readonly waitMs: TimeSummary
  /** How long the worker took for an item; each item of a batch takes as long as the batch. */
  readonly serviceMs: TimeSummary
  /** How many items a batch had when it was given to a worker; `null` in a stage without batches. */
  readonly batchSize: SizeSummary | null
  /**
   * The share of the time in which workers were at work, over the life of the stage: 0 to 1, where 1
   * is all workers with as many items as their `concurrency`. `null` in an async stage without one.
   */
  readonly utilisation: number | null
  /** The same over the last 10 s, or since the last call of `metrics()` before that. */
  readonly recentUtilisation: number | null
}
