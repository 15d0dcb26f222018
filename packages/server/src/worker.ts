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
}

/** What a worker can know of the item that it is working on. */
export interface WorkItem {
  /** When the caller's time is up, on the clock of `performance.now()`; `Infinity` for never. */
  readonly deadline: number
  /** Which attempt at the item this is, from 1. */
  readonly attempt: number
}

/**
 * Operations on one item at a time: derive a class, implement `call`, and give the class to a
 * servlet, which makes one object of it in each of its processes.
 *
 * A worker has the process to itself and gets one item after the other: the next when the promise
 * of the one before has settled.
 *
 * @example
 *   export class GetHead extends Worker<string, string> {
 *     static readonly module = import.meta.url
 *     call(text: string) {
 *       return text[0] ?? ''
 *     }
 *   }
 */
export abstract class Worker<Input, Output> implements WorkerContext {
  readonly workerIndex: number
  readonly name: string
  readonly cpuAffinity: readonly number[] | null

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
  }

  /** Prepares the worker, once, before its first item: the place to load a model. */
  init(): void | Promise<void> {}

  /** Gives the result for one item; what it throws becomes the error of that item. */
  abstract call(input: Input, item: WorkItem): Output | Promise<Output>

  /**
   * Releases what the worker holds, once, after its last item; it has 1.5 s for it.
   *
   * @param _error - What `init` threw, when that is why the worker ends.
   */
  cleanup(_error?: unknown): void | Promise<void> {}
}

/** A class whose objects are workers, made with a context and the servlet's `args`. */
export type WorkerClass<Input, Output, Args = unknown> = new (
  context: WorkerContext,
  args: Args,
) => Worker<Input, Output>
