import type { TaskName } from './tasks.ts'

/** The tasks of a pipeline, in its order, or of an ensemble. */
export type ThreeTasks = readonly [TaskName, TaskName, TaskName]

/** Workers that answer calls. */
export interface Pool {
  /** Sends an input to one of the workers and gives what its task makes of it. */
  call(input: unknown): PromiseLike<unknown>
  /** Ends the workers; settles when they are gone. */
  close(): PromiseLike<unknown>
}

/** Workers through which streams go. */
export interface StreamPool {
  /** Sends each input to one of the workers; gives the results in the order of the inputs. */
  stream(inputs: Iterable<unknown>): AsyncIterable<unknown>
  /** Ends the workers; settles when they are gone. */
  close(): PromiseLike<unknown>
}

/** Workers to which whole lists are given. */
export interface MapPool {
  /** Gives the results for all inputs, in their order. */
  map(inputs: readonly unknown[]): Promise<readonly unknown[]>
  /** Ends the workers; settles when they are gone. */
  close(): PromiseLike<unknown>
}

/** A worker for code that cannot await. */
export interface SyncPool {
  /** Sends an input to the worker and waits, blocked, for what its task makes of it. */
  callSync(input: unknown): unknown
  close(): void
}

/** A way to run tasks elsewhere: a library with certain options, or a bare mechanism of Node. */
export interface Variant {
  /** Starts so many workers for a task; resolves when calls can be made. */
  start(task: TaskName, workers: number): Promise<Pool>
  /**
   * Starts one worker for each of the tasks; a call goes through all of them. Only for variants that
   * know pipelines: for the others, pools with one worker each are chained by `await`.
   */
  startPipeline?(stages: ThreeTasks): Promise<Pool>
  /**
   * Starts one worker for each of the tasks; a call goes to all of them and gives a list. Only for
   * variants that know ensembles: for the others, three pools are called and awaited together.
   */
  startEnsemble?(members: ThreeTasks): Promise<Pool>
  /**
   * Starts so many workers for a task, with at most `ahead` items in progress in a stream. Only for
   * variants that know streams: for the others, a loop calls a pool.
   */
  startStream?(task: TaskName, workers: number, ahead: number): Promise<StreamPool>
  /** Starts so many workers that take so many inputs at a time. Only for variants that know batches. */
  startBatches?(task: 'increment', workers: number, batchSize: number): Promise<Pool>
  /**
   * Starts so many workers that take lists of numbers to be incremented. Only for variants that know
   * such pools: for the others, a pool is called for each number, and all are awaited together.
   */
  startMap?(workers: number): Promise<MapPool>
  /** Starts a worker with the task `echo` for code that cannot await. Only for variants made for that. */
  startSync?(): SyncPool
}

/** Starts a pipeline with one worker in each stage, by whichever means the variant has. */
export async function startPipeline(variant: Variant, stages: ThreeTasks): Promise<Pool> {
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

/** Starts an ensemble with one worker in each member, by whichever means the variant has. */
export async function startEnsemble(variant: Variant, members: ThreeTasks): Promise<Pool> {
  if (variant.startEnsemble !== undefined) return variant.startEnsemble(members)
  const pools = await Promise.all(members.map((task) => variant.start(task, 1)))
  return {
    call: (input) => Promise.all(pools.map((pool) => pool.call(input))),
    close: () => Promise.all(pools.map((pool) => pool.close())),
  }
}

/** Starts workers for streams, by whichever means the variant has. */
export async function startStream(
  variant: Variant,
  task: TaskName,
  workers: number,
  ahead: number,
): Promise<StreamPool> {
  if (variant.startStream !== undefined) return variant.startStream(task, workers, ahead)
  const pool = await variant.start(task, workers)
  return { stream: (inputs) => callInOrder(pool, inputs, ahead), close: () => pool.close() }
}

/** The loop that users of a pool write: so many calls ahead of the result that is awaited. */
async function* callInOrder(
  pool: Pool,
  inputs: Iterable<unknown>,
  ahead: number,
): AsyncGenerator<unknown, void, undefined> {
  const answers: PromiseLike<unknown>[] = []
  for (const input of inputs) {
    answers.push(pool.call(input))
    if (answers.length === ahead) yield await answers.shift()
  }
  for (const answer of answers) yield await answer
}

/** Gives a pool to `use` and closes it after that. */
export async function withPool<Running extends { close(): PromiseLike<unknown> }, Result>(
  starting: Promise<Running>,
  use: (pool: Running) => Promise<Result>,
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

/** Starts workers that take lists of numbers to be incremented, by whichever means the variant has. */
export async function startMap(variant: Variant, workers: number): Promise<MapPool> {
  if (variant.startMap !== undefined) return variant.startMap(workers)
  const pool = await variant.start('increment', workers)
  return {
    map: (inputs) => Promise.all(inputs.map((input) => pool.call(input))),
    close: () => pool.close(),
  }
}
