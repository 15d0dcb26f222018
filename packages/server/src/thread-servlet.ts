import type { ResourceLimits } from 'node:worker_threads'
import { type ExportLocation, type Importable, locateExport } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import {
  type ChannelLimits,
  type ResolvedLimits,
  resolveChannelLimits,
} from './channel/channel-limits.ts'
import { codec } from './channel/payload-bytes.ts'
import { ThreadLink } from './link/thread-link.ts'
import { Servlet, type ServletArguments, type WorkerSpec } from './servlet.ts'
import type { Stage, StageContext } from './stage/stage.ts'
import { WorkerStage } from './stage/worker-stage.ts'
import { checkWorkerClass, refuseClosure } from './worker-class.ts'
import type { WorkerClass } from './worker.ts'

/** How a thread servlet runs its workers. */
export interface ThreadServletOptions<Args> extends ChannelLimits {
  /** How many threads. Default: 1. */
  readonly threads?: number | undefined
  /** The name of the servlet; its workers are `<name>-<index>`. Default: the class's name. */
  readonly name?: string | undefined
  /** What the workers' constructors get; a copy in each thread. */
  readonly args?: Args | undefined
  /** How long a worker may take until its `init` is done, in milliseconds. Default: 30 000. */
  readonly startTimeoutMs?: number | undefined
  /** Limits of each thread's heap and stack, in MiB, as of `node:worker_threads`. */
  readonly resourceLimits?: ResourceLimits | undefined
  /** The whole environment of the threads. Default: a copy of this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * One worker in each of several threads; each item goes to one of them.
 *
 * For work that needs a CPU and starts often: a thread starts faster than a process and takes less
 * memory. A thread whose code throws outside of an item, or whose heap is full, is replaced; one that
 * crashes in native code ends the whole program, which a process would survive.
 *
 * @example
 *   new ThreadServlet(GetTail, { threads: 2 })
 */
export class ThreadServlet<Input, Output, Args = unknown> extends Servlet<Input, Output> {
  readonly name: string
  readonly children: readonly Servlet<never, unknown>[] = []
  readonly workers: readonly WorkerSpec[]
  readonly #location: ExportLocation
  readonly #options: ThreadServletOptions<Args>
  readonly #limits: ResolvedLimits

  /**
   * @throws {NotImportableError} When the class cannot be found again in another thread; the message
   *   says what to add.
   * @throws {TypeError} When it is no class of workers, or there is no option of a name.
   * @throws {RangeError} When `threads` is no whole number of at least 1.
   */
  constructor(
    worker: Importable<WorkerClass<Input, Output, Args>>,
    ...[options]: ServletArguments<ThreadServletOptions<Args>, Args>
  ) {
    super()
    checkOptions(options, optionNames, 'ThreadServlet')
    refuseClosure(worker, 'a ThreadServlet')
    if (typeof worker === 'function') checkWorkerClass(worker, 'a ThreadServlet')
    this.#location = locateExport(worker)
    this.#options = options ?? {}
    this.#limits = resolveChannelLimits(this.#options)
    this.name = this.#options.name ?? this.#location.exportName
    const { threads = 1, startTimeoutMs = 0 } = this.#options
    checkTimeoutMs(startTimeoutMs, 'startTimeoutMs')
    if (!Number.isInteger(threads) || threads < 1) {
      throw new RangeError(`threads is ${threads}: give a count of at least 1`)
    }
    this.workers = Array.from({ length: threads }, (_, workerIndex) => ({
      workerIndex,
      name: `${this.name}-${workerIndex}`,
      cpuAffinity: null,
    }))
  }

  async startStage(context: StageContext): Promise<Stage> {
    const args = codec.encode(this.#options.args)
    const { startTimeoutMs = 30_000, resourceLimits, env } = this.#options
    const thread = {
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
      ...(env === undefined ? {} : { env }),
    }
    const location = this.#location
    const limits = this.#limits
    return WorkerStage.start(
      {
        name: this.name,
        kind: 'thread',
        workers: this.workers,
        startTimeoutMs,
        openLink: (spec, epoch, events) =>
          new ThreadLink(
            { setup: { location, context: spec, epoch, limits }, args, thread },
            events,
          ),
      },
      context,
    )
  }
}

const optionNames = [
  'threads',
  'name',
  'args',
  'startTimeoutMs',
  'resourceLimits',
  'env',
  'ringBytes',
  'blockBytes',
] as const
