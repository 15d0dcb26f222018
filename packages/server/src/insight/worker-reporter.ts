import { performance } from 'node:perf_hooks'
import type { WorkerSpec } from '../servlet.ts'
import type {
  ServerEvent,
  WorkerExitEvent,
  WorkerExitReason,
  WorkerStuckEvent,
} from './server-events.ts'
import type { StageMeter } from './stage-meter.ts'

/** What a reporter is for, and whom it tells. */
interface WorkerReporterOptions {
  /** The name of the servlet. */
  readonly stage: string
  readonly spec: WorkerSpec
  readonly meter: StageMeter
  readonly emit: (event: ServerEvent) => void
}

/** A worker as its place knows it. */
interface ReportedWorker {
  readonly pid: number | undefined
  readonly epoch: number
}

/** Tells what becomes of the workers in one place. */
export class WorkerReporter {
  readonly #options: WorkerReporterOptions
  #launchedAt = 0

  constructor(options: WorkerReporterOptions) {
    this.#options = options
  }

  noteLaunch(epoch: number): void {
    this.#launchedAt = performance.now()
    if (epoch > 1) this.#options.meter.noteRestart()
  }

  noteReady(worker: ReportedWorker): void {
    const startMs = performance.now() - this.#launchedAt
    this.#options.emit({ kind: 'worker-start', ...this.#factsOf(worker), startMs })
  }

  noteStuck(worker: ReportedWorker & Pick<WorkerStuckEvent, 'runningMs'>): void {
    const { runningMs } = worker
    this.#options.emit({ kind: 'worker-stuck', ...this.#factsOf(worker), runningMs })
  }

  noteExit(
    worker: ReportedWorker & Pick<WorkerExitEvent, 'exitCode' | 'signalCode'>,
    reason: WorkerExitReason,
    error?: Error,
    isReplaced: boolean = false,
  ): void {
    const { exitCode, signalCode } = worker
    const facts = this.#factsOf(worker)
    this.#options.emit({
      kind: 'worker-exit',
      ...facts,
      reason,
      exitCode,
      signalCode,
      error,
      isReplaced,
    })
  }

  #factsOf({ pid, epoch }: ReportedWorker) {
    const { stage, spec } = this.#options
    return { stage, workerName: spec.name, workerIndex: spec.workerIndex, pid, epoch }
  }
}
