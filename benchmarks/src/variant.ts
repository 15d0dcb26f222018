import type { TaskName } from './tasks.ts'

/** The tasks of a pipeline. */
export type Stages = readonly [TaskName, TaskName, TaskName]

/** Workers that answer calls. */
export interface Pool {
  /** Sends an input to one of the workers and gives what its task makes of it. */
  call(input: unknown): PromiseLike<unknown>
  /** Ends the workers; settles when they are gone. */
  close(): PromiseLike<unknown>
}

/** A way to run tasks elsewhere: a library with certain options, or a bare mechanism of Node. */
export interface Variant {
  /** Starts so many workers for a task; resolves when calls can be made. */
  start(task: TaskName, workers: number): Promise<Pool>
  /**
   * Starts one worker for each of the tasks; a call goes through all of them. Only for variants that
   * know pipelines: for the others, pools with one worker each are chained by `await`.
   */
  startPipeline?(stages: Stages): Promise<Pool>
  /** Starts so many workers that take so many inputs at a time. Only for variants that know batches. */
  startBatches?(task: 'increment', workers: number, batchSize: number): Promise<Pool>
}

/** Starts a pipeline with one worker in each stage, by whichever means the variant has. */
export async function startPipeline(variant: Variant, stages: Stages): Promise<Pool> {
  if (variant.startPipeline !== undefined) return variant.startPipeline(stages)
  const pools = await Promise.all(stages.map((task) => variant.start(task, 1)))
  return {
    async call(input) {
      let value = input
      for (const pool of pools) value = await pool.call(value)
      return value
    },
    close: () => Promise.all(pools.map((pool) => pool.close())),
  }
}

/** Gives a pool to `use` and closes it after that. */
export async function withPool<Result>(
  starting: Promise<Pool>,
  use: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = await starting
  let result: Result
  try {
    result = await use(pool)
  } catch (error) {
    // Not awaited: a pool that does not answer well may not close well, and its error comes first.
    pool.close().then(undefined, () => {})
    throw error
  }
  await pool.close()
  return result
}
