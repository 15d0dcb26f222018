/** How long `cleanup` may take, in milliseconds. */
export const cleanupMs = 1_500

/** What a worker knows of its place in a servlet. */
export interface WorkerContext {
  /** The number of the worker in its servlet, from 0. */
  readonly workerIndex: number
  /** The name of the worker: its servlet's name and its number. */
  readonly name: string
  /** The CPUs that the worker is pinned to; `null` when it is not pinned. */
  readonly cpuAffinity: readonly number[] | null
  /** The most items of a batch; 0 when there are no batches. Default: 0. */
  readonly batchSize?: number
  /** How long a batch waits for more items after its first, in milliseconds. Default: 0. */
  readonly batchWaitMs?: number
}

/** What a worker can know of the item that it is working on. */
export interface WorkItem {
  /** When the caller's time is up, on the clock of `performance.now()`; `Infinity` for never. */
  readonly deadline: number
  /** Which attempt at the item this is, from 1. */
  readonly attempt: number
  /**
   * Whether nobody waits for the item any more: its caller has left, or its time is up. Cheap, and
   * right at any moment, also in synchronous code that never lets go of its thread; there not where
   * memory cannot be shared. Always `false` with `onAbandon: 'finish'`.
   */
  isAbandoned(): boolean
  /**
   * Aborts when nobody waits for the item any more, for asynchronous code; made when it is first asked
   * for.
   */
  readonly signal: AbortSignal
}

/** What `Worker` and `BatchWorker` have in common. */
export abstract class BaseWorker<Input, Output> implements WorkerContext {
  /** Exists only as a type: what goes in and what comes out. */
  declare readonly flow?: (input: Input) => Output
  readonly workerIndex: number
  readonly name: string
  readonly cpuAffinity: readonly number[] | null
  readonly batchSize: number
  readonly batchWaitMs: number

  /**
   * @param _args - The `args` of the servlet, a copy in each process. A derived class types them in
   *   its own constructor.
   */
  constructor(context: WorkerContext, _args?: unknown) {
    // In JavaScript nothing else says what is missing.
    if (Object(context) !== context) throw new TypeError('call super(context) in the constructor')
    this.workerIndex = context.workerIndex
    this.name = context.name
    this.cpuAffinity = context.cpuAffinity
    this.batchSize = context.batchSize ?? 0
    this.batchWaitMs = context.batchWaitMs ?? 0
  }

  /** Prepares the worker, once, before its first item: the place to load a model. */
  init(): void | Promise<void> {}

  /**
   * Releases what the worker holds, once, after its last item; it has 1.5 s for it.
   *
   * @param _error - What `init` threw, when that is why the worker ends.
   */
  cleanup(_error?: unknown): void | Promise<void> {}
}
