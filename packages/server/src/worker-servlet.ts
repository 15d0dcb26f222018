import { type ExportLocation, type Importable, locateExport } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import type { WorkerContext } from './base-worker.ts'
import { type Batching, type BatchOptions, resolveBatching } from './batching.ts'
import {
  type ChannelLimits,
  type ResolvedLimits,
  resolveChannelLimits,
} from './channel/channel-limits.ts'
import { codec } from './channel/payload-bytes.ts'
import type { WorkerSetup } from './channel/worker-setup.ts'
import { InlineLink } from './inline/inline-link.ts'
import type { WorkerLink, WorkerLinkEvents } from './link/worker-link.ts'
import { Servlet, type WorkerSpec } from './servlet.ts'
import type { Stage, StageContext } from './stage/stage.ts'
import { WorkerStage } from './stage/worker-stage.ts'
import {
  resolveSupervision,
  type Supervision,
  type SupervisionOptions,
  supervisionOptionNames,
} from './supervision.ts'
import { checkWorkerClass, refuseClosure } from './worker-class.ts'
import type { WorkerClass } from './worker.ts'

/** How a servlet runs workers elsewhere, in whatever they live. */
export interface WorkerServletOptions<Args>
  extends ChannelLimits, BatchOptions, SupervisionOptions {
  /** The name of the servlet; its workers are `<name>-<index>`. Default: the class's name. */
  readonly name?: string | undefined
  /** What the workers' constructors get; a copy in each process or thread. */
  readonly args?: Args | undefined
  /** How long a worker may take until its `init` is done, in milliseconds. Default: 30 000. */
  readonly startTimeoutMs?: number | undefined
  /**
   * Whether the workers live on the server's own event loop, for stepping through them; see `inline` of
   * `ServerOptions`. Default: as the server says.
   */
  readonly inline?: boolean | undefined
  /**
   * How many items, or batches, each worker works on at the same time: of use where `call` waits for
   * something, or where the worker has a `stream`. Default: 1.
   */
  readonly concurrency?: number | undefined
}

/** The names of these options. */
export const workerServletOptionNames: readonly string[] = [
  'name',
  'args',
  'startTimeoutMs',
  'concurrency',
  'inline',
  'batchSize',
  'batchWaitMs',
  'ringBytes',
  'blockBytes',
  ...supervisionOptionNames,
]

/** What the workers of a servlet live in. */
export interface Habitat<Options> {
  /** The name of the servlet's class. */
  readonly className: string
  readonly kind: 'process' | 'thread'
  readonly optionNames: readonly string[]
  /** How much memory a worker should have, in bytes. */
  maxRssBytes(options: Options): number
  /** For each worker the CPUs that it is pinned to. */
  affinitiesOf(options: Options): readonly (readonly number[] | null)[]
  /** Whether workers can be debugged, or wait for a debugger before they start. */
  debugging?(options: Options): boolean | 'wait'
  openLink(
    options: Options,
    setup: WorkerSetup,
    args: Uint8Array,
    events: WorkerLinkEvents,
  ): WorkerLink
}

/** One worker in each of several processes or threads; each item goes to one of them. */
export abstract class WorkerServlet<
  Input,
  Output,
  Args,
  Options extends WorkerServletOptions<Args>,
> extends Servlet<Input, Output> {
  readonly name: string
  readonly children: readonly Servlet<never, unknown>[] = []
  readonly workers: readonly WorkerSpec[]
  readonly #habitat: Habitat<Options>
  readonly #location: ExportLocation
  readonly #target: unknown
  readonly #options: Options
  readonly #batching: Batching
  readonly #limits: ResolvedLimits
  readonly #affinities: readonly (readonly number[] | null)[]
  readonly #concurrency: number
  readonly #supervision: Supervision
  readonly #maxRssBytes: number

  protected constructor(
    habitat: Habitat<Options>,
    worker: Importable<WorkerClass<Input, Output, Args>>,
    options: Options,
  ) {
    super()
    const { className } = habitat
    checkOptions(options, habitat.optionNames, className)
    refuseClosure(worker, `a ${className}`)
    if (typeof worker === 'function') checkWorkerClass(worker, `a ${className}`)
    this.#habitat = habitat
    this.#options = options
    this.#location = locateExport(worker)
    this.#target = worker
    this.#batching = resolveBatching(worker, options)
    this.#limits = resolveChannelLimits(options, this.#batching.size)
    this.name = options.name ?? this.#location.exportName
    const { concurrency = 1, startTimeoutMs = 0 } = options
    checkTimeoutMs(startTimeoutMs, 'startTimeoutMs')
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`concurrency is ${concurrency}: give a count of at least 1`)
    }
    this.#concurrency = concurrency
    this.#supervision = resolveSupervision(options)
    this.#maxRssBytes = habitat.maxRssBytes(options)
    this.#affinities = habitat.affinitiesOf(options)
    this.workers = this.#affinities.map((_, workerIndex) => this.#specOf(workerIndex))
  }

  async startStage(context: StageContext): Promise<Stage> {
    const args = codec.encode(this.#options.args)
    const isInline = this.#options.inline ?? context.isInline
    const debugging = isInline || (this.#habitat.debugging?.(this.#options) ?? false)
    return WorkerStage.start(
      {
        name: this.name,
        kind: this.#habitat.kind,
        isInline,
        count: this.workers.length,
        startTimeoutMs: debugging === 'wait' ? Infinity : (this.#options.startTimeoutMs ?? 30_000),
        batching: this.#batching,
        concurrency: this.#concurrency,
        // Who stands at a breakpoint is not stuck.
        supervision:
          debugging === false
            ? this.#supervision
            : { ...this.#supervision, itemTimeoutMs: Infinity },
        maxRssBytes: this.#maxRssBytes,
        specOf: (workerIndex) => this.#specOf(workerIndex),
        openLink: (spec, epoch, batching, events) => {
          const setup = this.#setupOf(spec, epoch, batching)
          return isInline
            ? new InlineLink({ setup, args, target: this.#target }, events)
            : this.#habitat.openLink(this.#options, setup, args, events)
        },
      },
      context,
    )
  }

  /** Workers that come later are pinned to the same CPUs in turn. */
  #specOf(workerIndex: number): WorkerSpec {
    const cpuAffinity = this.#affinities[workerIndex % this.#affinities.length] ?? null
    return { workerIndex, name: `${this.name}-${workerIndex}`, cpuAffinity }
  }

  #setupOf(spec: WorkerSpec, epoch: number, { size, waitMs }: Batching): WorkerSetup {
    const context: WorkerContext = { ...spec, batchSize: size, batchWaitMs: waitMs }
    return {
      location: this.#location,
      context,
      epoch,
      limits: this.#limits,
      concurrency: this.#concurrency,
      watchesAbandoned: this.#supervision.onAbandon !== 'finish',
    }
  }
}
