import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import type { BaseWorker, WorkerContext } from './base-worker.ts'
import { type Batching, type BatchOptions, resolveBatching } from './batching.ts'
import { Servlet, type ServletArguments, type WorkerSpec } from './servlet.ts'
import { AsyncStage } from './stage/async-stage.ts'
import type { Stage, StageContext } from './stage/stage.ts'
import { checkOnAbandon } from './supervision.ts'
import { checkWorkerClass } from './worker-class.ts'
import type { WorkerClass } from './worker.ts'

/** How an async servlet runs its worker. */
export interface AsyncServletOptions<Args> extends BatchOptions {
  /** How many items, or batches, the worker has at a time. Default: no limit but the server's capacity. */
  readonly concurrency?: number | undefined
  /** How long `init` may take, in milliseconds. Default: 30 000. */
  readonly startTimeoutMs?: number | undefined
  /**
   * Whether items are told, by their `signal` and `isAbandoned()`, that nobody waits for them any more:
   * `'signal'`, or not: `'finish'`. Default: `'signal'`.
   */
  readonly onAbandon?: 'finish' | 'signal' | undefined
  /** The name of the servlet. Default: the class's name. */
  readonly name?: string | undefined
  /** What the worker's constructor gets. */
  readonly args?: Args | undefined
}

/**
 * One worker on the server's own event loop: for I/O and for light steps.
 *
 * It is the only servlet that takes closures. What takes CPU time here stops the whole server for
 * so long; that belongs into a `ProcessServlet`.
 *
 * @example
 *   new AsyncServlet(makeWorker(async (path: string) => readFile(path, 'utf8')), { concurrency: 16 })
 */
export class AsyncServlet<Input, Output, Args = unknown> extends Servlet<Input, Output> {
  readonly name: string
  readonly children: readonly Servlet<never, unknown>[] = []
  readonly workers: readonly WorkerSpec[]
  readonly #spec: WorkerSpec
  readonly #concurrency: number
  readonly #startTimeoutMs: number
  readonly #makeWorker: (context: WorkerContext) => BaseWorker<Input, Output>
  readonly #batching: Batching
  readonly #onAbandon: 'finish' | 'signal'

  /**
   * @throws {TypeError} When it is no class of workers, there is no option of a name, or options
   *   contradict the class.
   * @throws {RangeError} When `concurrency` is less than 1.
   */
  constructor(
    worker: WorkerClass<Input, Output, Args>,
    ...[options]: ServletArguments<AsyncServletOptions<Args>, Args>
  ) {
    super()
    checkOptions(options, optionNames, 'AsyncServlet')
    checkWorkerClass(worker, 'an AsyncServlet')
    const {
      concurrency = Infinity,
      startTimeoutMs = 30_000,
      onAbandon = 'signal',
      name = worker.name,
      args,
    }: AsyncServletOptions<Args> = options ?? {}
    checkTimeoutMs(startTimeoutMs, 'startTimeoutMs')
    if (!(concurrency >= 1)) {
      throw new RangeError(`concurrency is ${concurrency}: give a number of at least 1`)
    }
    checkOnAbandon(onAbandon, ['finish', 'signal'])
    this.#onAbandon = onAbandon
    this.#batching = resolveBatching(worker, options ?? {})
    this.name = name
    this.#spec = { workerIndex: 0, name: `${name}-0`, cpuAffinity: null }
    this.workers = [this.#spec]
    this.#concurrency = concurrency
    this.#startTimeoutMs = startTimeoutMs
    // `ServletArguments` lets `args` be left out only where undefined is one of `Args`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    this.#makeWorker = (context) => new worker(context, args as Args)
  }

  startStage(context: StageContext): Promise<Stage> {
    const plan = {
      name: this.name,
      concurrency: this.#concurrency,
      startTimeoutMs: this.#startTimeoutMs,
      batching: this.#batching,
      tellsAbandoned: this.#onAbandon === 'signal',
      makeWorker: () => {
        const { size, waitMs } = this.#batching
        return this.#makeWorker({ ...this.#spec, batchSize: size, batchWaitMs: waitMs })
      },
    }
    return AsyncStage.start(plan, context)
  }
}

const optionNames = [
  'concurrency',
  'startTimeoutMs',
  'onAbandon',
  'name',
  'args',
  'batchSize',
  'batchWaitMs',
] as const
