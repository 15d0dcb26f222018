import { performance } from 'node:perf_hooks'
import { getLogger } from '@logtape/logtape'
import { isTimeoutError, settleWithin } from '@mpservice/process'
import { type BaseWorker, cleanupMs } from '../base-worker.ts'
import type { Batching, MutableBatching } from '../batching.ts'
import type { Payload } from '../channel/payload.ts'
import { StageMeter } from '../insight/stage-meter.ts'
import type { StageMetrics } from '../insight/stage-metrics.ts'
import { makePerformer } from '../perform/make-performer.ts'
import type { Performer } from '../perform/performer.ts'
import type { TaskItem } from '../perform/task-item.ts'
import { describeThrown } from '../to-error.ts'
import { WorkerStartError } from '../worker-errors.ts'
import { AsyncAnswers } from './async-answers.ts'
import { AsyncTask, type AsyncTaskOwner } from './async-task.ts'
import { BatchGate } from './batch-gate.ts'
import type { Branch } from './flight.ts'
import { type ServerStage, StageKnobs } from './stage-knobs.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { makeTaskQueue } from './task-queue.ts'
import { abandonedPayload, finishTask, skipTask } from './task.ts'

/** What a stage on the event loop is made from. */
export interface AsyncStagePlan {
  readonly name: string
  readonly concurrency: number
  readonly startTimeoutMs: number
  readonly batching: Batching
  /** Whether items are told that nobody waits for them any more. */
  readonly tellsAbandoned: boolean
  makeWorker(): BaseWorker<never, unknown>
}

/** One worker on the server's own event loop, with several items or batches at a time. */
export class AsyncStage implements Stage, AsyncTaskOwner {
  readonly takesBytes = false
  readonly tellsAbandoned: boolean
  readonly listening: Set<TaskItem> = new Set()
  readonly #plan: AsyncStagePlan
  readonly #worker: BaseWorker<never, unknown>
  readonly #queue = makeTaskQueue<AsyncTask>()
  readonly #meter: StageMeter
  readonly #answers: AsyncAnswers
  readonly #performer: Performer
  readonly #batching: MutableBatching
  readonly #gate: BatchGate | undefined
  /** While the worker has as much as it may have. */
  #isFull = false
  #isDispatching = false
  #ending: Promise<void> | undefined

  /** @throws {WorkerStartError} When the worker's constructor or `init` throws or takes too long. */
  static async start(plan: AsyncStagePlan, context: StageContext): Promise<AsyncStage> {
    let stage: AsyncStage | undefined
    let initialized: Promise<void> | undefined
    // What `init` opens must be open before it can be cleaned up.
    context.onUndo(async () => {
      await initialized?.catch(() => undefined)
      await stage?.close()
    })
    try {
      const worker = plan.makeWorker()
      stage = new AsyncStage(plan, worker)
      const { startTimeoutMs } = plan
      initialized = settleWithin(initialize(worker), 'start', { timeoutMs: startTimeoutMs })
      await initialized
      stage.#meter.noteWorkers(1)
      return stage
    } catch (cause) {
      if (stage !== undefined) await stage.#end(cause)
      const reason = isTimeoutError(cause) && cause.phase === 'start' ? 'timeout' : 'threw'
      const facts = { workerName: `${plan.name}-0`, reason, detail: describeThrown(cause) } as const
      throw new WorkerStartError(facts, { cause })
    }
  }

  private constructor(plan: AsyncStagePlan, worker: BaseWorker<never, unknown>) {
    this.tellsAbandoned = plan.tellsAbandoned
    this.#plan = plan
    this.#worker = worker
    this.#meter = new StageMeter({ ...plan, kind: 'async' })
    this.#answers = new AsyncAnswers(this.#meter)
    this.#performer = makePerformer(worker, this.#answers, plan.concurrency)
    this.#batching = { ...plan.batching }
    if (plan.batching.size > 0) this.#gate = new BatchGate(this.#batching, () => this.#dispatch())
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    const kept = input.keep()
    branch.flight.hold()
    const task = new AsyncTask(branch, kept, done, this, this.#gate?.arrivalTime())
    this.#queue.push(task)
    // What does not fill a batch goes after this turn.
    if (this.#gate === undefined || this.#gate.isFull(this.#queue.length)) this.#dispatch()
  }

  sweep(): void {
    for (const task of this.#queue.keep(({ branch }) => !branch.isCancelled)) {
      skipTask(task, this.#meter)
    }
    for (const item of this.listening) item.look()
  }

  hurry(): void {
    this.#gate?.hurry()
  }

  look(): void {
    // Promises settle by themselves.
  }

  isReady(): boolean {
    return this.#ending === undefined
  }

  debugInfo(): StageInfo {
    return {
      name: this.#plan.name,
      kind: 'async',
      queued: this.#queue.length,
      running: this.#answers.running,
    }
  }

  knobs(): readonly ServerStage[] {
    const { name } = this.#plan
    const onBatching = (): void => this.#dispatch()
    return [new StageKnobs({ name, crew: undefined, batching: this.#batching, onBatching })]
  }

  metrics(): StageMetrics {
    return this.#meter.metrics(this.debugInfo(), this.#answers.busyMs)
  }

  close(): Promise<void> {
    return this.#end()
  }

  /** Running calls cannot be stopped; what comes of them is dropped. */
  async kill(): Promise<void> {
    this.#gate?.stop()
    for (const task of this.#queue.keep(() => false)) finishTask(task, abandonedPayload)
    await this.#end()
  }

  #end(error?: unknown): Promise<void> {
    this.#ending ??= this.#cleanUp(error)
    return this.#ending
  }

  async #cleanUp(error: unknown): Promise<void> {
    const cleanedUp = (async () => {
      const finished = this.#performer.finish()
      // Calls that go on cannot be stopped, nor waited for.
      if (!this.#performer.isBusy) await finished
      await this.#worker.cleanup(error)
    })()
    try {
      await settleWithin(cleanedUp, 'cleanup', { timeoutMs: cleanupMs })
    } catch (failure) {
      getLogger(['mpservice', 'server']).error('cleanup of worker {name} failed: {failure}', {
        name: this.#worker.name,
        failure,
      })
    }
  }

  /** A loop and not a recursion: an item that ends at once makes room for the next at once. */
  #dispatch(): void {
    if (this.#isDispatching) return
    this.#isDispatching = true
    try {
      while (!this.#isFull && this.#takeNext()) {
        const pending = this.#performer.perform()
        if (pending !== undefined) this.#waitFor(pending)
      }
    } finally {
      this.#isDispatching = false
    }
  }

  #waitFor(pending: Promise<void>): void {
    this.#isFull = true
    void pending.then(() => {
      this.#isFull = false
      this.#dispatch()
    })
  }

  /** Gives the worker the next item or batch; gives whether there was one. */
  #takeNext(): boolean {
    const first = this.#queue.oldest
    if (first === undefined) return false
    const gate = this.#gate
    if (gate !== undefined && !gate.isFull(this.#queue.length) && !gate.isDue(first.cameAt)) {
      return false
    }
    const tasks: AsyncTask[] = []
    while (tasks.length < (gate?.size ?? 1)) {
      const task = this.#queue.shift()
      if (task === undefined) break
      if (task.branch.isCancelled) skipTask(task, this.#meter)
      else tasks.push(task)
    }
    const now = gate === undefined ? undefined : performance.now()
    if (tasks.length > 0) this.#meter.noteBatch(this.#worker.name, tasks.length, first.cameAt)
    const last = tasks.length - 1
    tasks.forEach((task, index) => {
      task.begin()
      this.#answers.noteBegun(task, index === 0, now)
      this.#performer.take(task, index === last)
    })
    return true
  }
}

async function initialize(worker: BaseWorker<never, unknown>): Promise<void> {
  await worker.init()
}
