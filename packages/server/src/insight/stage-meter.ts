import { performance } from 'node:perf_hooks'
import type { StageInfo } from '../stage/stage.ts'
import { arrivalClock } from './arrival-clock.ts'
import { batchChannel } from './channels.ts'
import { Histogram } from './histogram.ts'
import { Sampler } from './sampler.ts'
import type { WorkingStageMetrics } from './stage-metrics.ts'
import { summarizeSizes, summarizeTimes } from './summary.ts'
import { UtilisationMeter } from './utilisation.ts'

/** What a meter needs to know of an item. */
interface MeteredTask {
  readonly branch: { readonly flight: { movedAt: number } }
  /** When it came to the stage, on the clock of `performance.now()`. */
  readonly cameAt: number
}

/** Items that take less than both are measured one for several, in milliseconds. */
const quickServiceMs = 0.1
const quickWaitMs = 2

/** What is counted of a stage that does work itself; what is noted costs some nanoseconds. */
export class StageMeter {
  readonly #name: string
  readonly #kind: WorkingStageMetrics['kind']
  readonly #concurrency: number
  readonly #waits = new Histogram()
  readonly #services = new Histogram()
  readonly #batchSizes: Histogram | undefined
  readonly #utilisation = new UtilisationMeter()
  #busyMs = 0
  readonly #sampler = new Sampler()
  #workers = 0
  #answered = 0
  /** Outcomes of items that no worker has answered. */
  #unanswered = 0
  #errors = 0
  #skipped = 0
  #evicted = 0
  #retried = 0
  #restarts = 0

  /** @param concurrency - How many items, or batches, each worker works on at the same time. */
  constructor(plan: {
    readonly name: string
    readonly kind: WorkingStageMetrics['kind']
    readonly concurrency: number
    readonly batching: { readonly size: number }
  }) {
    this.#name = plan.name
    this.#kind = plan.kind
    this.#concurrency = plan.concurrency
    this.#batchSizes = plan.batching.size > 0 ? new Histogram() : undefined
  }

  /** From now on the stage has so many workers. */
  noteWorkers(count: number): void {
    this.#workers = count
    this.#utilisation.setLanes(count * this.#concurrency, performance.now())
  }

  /**
   * A worker has given the outcome of an item, at the time of `arrivalClock`. What it was not in service
   * it has waited.
   */
  noteAnswered(task: MeteredTask, serviceMs: number, isError: boolean): void {
    const now = arrivalClock.time
    task.branch.flight.movedAt = now
    this.#answered++
    if (isError) this.#errors++
    const waitMs = now - task.cameAt - serviceMs
    const weight = this.#sampler.weigh(serviceMs < quickServiceMs && waitMs < quickWaitMs)
    if (weight === 0) return
    this.#waits.record(waitMs, weight)
    // A worker that was awake may have looked at its clock before the item was there.
    this.#services.record(waitMs < 0 ? serviceMs + waitMs : serviceMs, weight)
  }

  /** A worker was busy with an item, or a batch, for so long. */
  noteBusy(tookMs: number): void {
    this.#busyMs += tookMs
  }

  /** An item has failed without an answer of a worker: it died, or could not be given it. */
  noteFailed(): void {
    this.#unanswered++
    this.#errors++
  }

  /** An item was let go before it was begun. */
  noteSkipped(): void {
    this.#skipped++
  }

  /** An item is begun again whose worker was ended for another item's sake. */
  noteEvicted(): void {
    this.#evicted++
  }

  /** An item is begun again whose worker has died. */
  noteRetried(): void {
    this.#retried++
  }

  /** A worker is started in the place of another. */
  noteRestart(): void {
    this.#restarts++
  }

  /**
   * A worker was given a batch, in a stage that forms batches.
   *
   * @param cameAt - When the first of its items came, on the clock of `performance.now()`.
   */
  noteBatch(workerName: string, size: number, cameAt: number): void {
    if (this.#batchSizes === undefined) return
    this.#batchSizes.record(size)
    if (!batchChannel.hasSubscribers) return
    const waitMs = performance.now() - cameAt
    batchChannel.publish({ stage: this.#name, workerName, size, waitMs })
  }

  /** What was counted so far, with what the stage says of itself now. */
  metrics(
    { name, queued = 0, running = 0, workers = [] }: StageInfo,
    busyNowMs = 0,
  ): WorkingStageMetrics {
    let busyMs = this.#busyMs + busyNowMs
    for (const { held, currentMs } of workers) {
      busyMs += (currentMs ?? 0) * Math.min(held, this.#concurrency)
    }
    return {
      name,
      kind: this.#kind,
      workers: this.#workers,
      queued,
      running,
      items: this.#answered + this.#unanswered,
      errors: this.#errors,
      skipped: this.#skipped,
      evicted: this.#evicted,
      retried: this.#retried,
      restarts: this.#restarts,
      waitMs: summarizeTimes(this.#waits),
      serviceMs: summarizeTimes(this.#services),
      batchSize: this.#batchSizes === undefined ? null : summarizeSizes(this.#batchSizes),
      ...this.#utilisation.read(busyMs, performance.now()),
    }
  }
}
