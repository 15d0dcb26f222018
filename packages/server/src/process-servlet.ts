import { type ExportLocation, type Importable, locateExport } from '@mpservice/contract'
import { checkCpus, checkOptions, checkTimeoutMs } from '@mpservice/process'
import {
  type ChannelLimits,
  type ResolvedLimits,
  resolveChannelLimits,
} from './channel/channel-limits.ts'
import { codec } from './channel/payload-bytes.ts'
import { ProcessLink } from './link/process-link.ts'
import { Servlet, type ServletArguments, type WorkerSpec } from './servlet.ts'
import type { Stage, StageContext } from './stage/stage.ts'
import { WorkerStage } from './stage/worker-stage.ts'
import { checkWorkerClass, refuseClosure } from './worker-class.ts'
import type { WorkerClass } from './worker.ts'

/** How a process servlet runs its workers. */
export interface ProcessServletOptions<Args> extends ChannelLimits {
  /**
   * How many processes, or a list with an entry for each: the CPU or the CPUs that it is pinned to,
   * or `null` for none. Default: 1, not pinned.
   */
  readonly cpus?: number | readonly (number | readonly number[] | null)[] | undefined
  /** The name of the servlet; its workers are `<name>-<index>`. Default: the class's name. */
  readonly name?: string | undefined
  /** What the workers' constructors get; a copy in each process. */
  readonly args?: Args | undefined
  /** How long a worker may take until its `init` is done, in milliseconds. Default: 30 000. */
  readonly startTimeoutMs?: number | undefined
  /** Flags for Node. Default: this process's own without debuggers, test runners and profilers. */
  readonly execArgv?: readonly string[] | undefined
  /** The whole environment of the processes. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * One worker in each of several processes; each item goes to one of them.
 *
 * For work that needs a CPU. A worker that dies fails the items it was working on, and is replaced.
 *
 * @example
 *   new ProcessServlet(GetTail, { cpus: [0, [0, 1], null] }) // three processes
 */
export class ProcessServlet<Input, Output, Args = unknown> extends Servlet<Input, Output> {
  readonly name: string
  readonly children: readonly Servlet<never, unknown>[] = []
  readonly workers: readonly WorkerSpec[]
  readonly #location: ExportLocation
  readonly #options: ProcessServletOptions<Args>
  readonly #limits: ResolvedLimits

  /**
   * @throws {NotImportableError} When the class cannot be found again in another process; the
   *   message says what to add.
   * @throws {TypeError} When it is no class of workers, or there is no option of a name.
   * @throws {RangeError} When `cpus` is no count of at least 1, or names a CPU that does not exist.
   */
  constructor(
    worker: Importable<WorkerClass<Input, Output, Args>>,
    ...[options]: ServletArguments<ProcessServletOptions<Args>, Args>
  ) {
    super()
    checkOptions(options, optionNames, 'ProcessServlet')
    refuseClosure(worker, 'a ProcessServlet')
    if (typeof worker === 'function') checkWorkerClass(worker, 'a ProcessServlet')
    this.#location = locateExport(worker)
    this.#options = options ?? {}
    this.name = this.#options.name ?? this.#location.exportName
    checkTimeoutMs(this.#options.startTimeoutMs ?? 0, 'startTimeoutMs')
    this.#limits = resolveChannelLimits(this.#options)
    this.workers = affinities(this.#options.cpus ?? 1).map((cpuAffinity, workerIndex) => ({
      workerIndex,
      name: `${this.name}-${workerIndex}`,
      cpuAffinity,
    }))
  }

  async startStage(context: StageContext): Promise<Stage> {
    const args = codec.encode(this.#options.args)
    const { execArgv, env } = this.#options
    return WorkerStage.start(
      {
        name: this.name,
        kind: 'process',
        workers: this.workers,
        startTimeoutMs: this.#options.startTimeoutMs ?? 30_000,
        openLink: (spec, epoch, events) =>
          new ProcessLink(
            {
              setup: { location: this.#location, context: spec, epoch, limits: this.#limits },
              args,
              launch: { cpus: spec.cpuAffinity ?? undefined, execArgv, env },
            },
            events,
          ),
      },
      context,
    )
  }
}

const optionNames = [
  'cpus',
  'name',
  'args',
  'startTimeoutMs',
  'execArgv',
  'env',
  'ringBytes',
  'blockBytes',
] as const

function affinities(
  cpus: number | readonly (number | readonly number[] | null)[],
): (readonly number[] | null)[] {
  if (typeof cpus === 'number') {
    if (!Number.isInteger(cpus) || cpus < 1) {
      throw new RangeError(
        `cpus is ${cpus}: give a count of at least 1, or a list with an entry per process`,
      )
    }
    return Array.from({ length: cpus }, () => null)
  }
  if (!Array.isArray(cpus)) throw new TypeError('cpus is neither a count nor a list')
  if (cpus.length === 0) throw new RangeError('cpus is an empty list: give an entry per process')
  return cpus.map((entry) => {
    if (entry === null) return null
    const list = typeof entry === 'number' ? [entry] : [...entry]
    checkCpus(list)
    return list
  })
}
