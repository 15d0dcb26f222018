import type { MutableBatching } from '../batching.ts'
import type { Payload } from '../channel/payload.ts'
import { StageMeter } from '../insight/stage-meter.ts'
import type { StageMetrics } from '../insight/stage-metrics.ts'
import { WorkerReporter } from '../insight/worker-reporter.ts'
import type { NoteLink } from '../inspect/show-stacks.ts'
import type { WorkerSpec } from '../servlet.ts'
import { ChunkPolicy, quickBatchMs } from './chunk-policy.ts'
import { Crew } from './crew.ts'
import { Dispatcher } from './dispatcher.ts'
import type { Branch } from './flight.ts'
import { FlushTurn } from './flush-turn.ts'
import { HealthWatch } from './health-watch.ts'
import { decideFate } from './lost-task.ts'
import { ProgressWatch } from './progress-watch.ts'
import { type ServerStage, StageKnobs } from './stage-knobs.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { abandonedPayload, failTask, finishTask, skipTask, Task } from './task.ts'
import type { WorkerEnd } from './worker-ending.ts'
import { WorkerSlot } from './worker-slot.ts'
import type { WorkerStagePlan } from './worker-stage-plan.ts'

/**
 * One queue in front of several workers: each item goes to one of them, the first that has room.
 *
 * Each worker has a link of its own and this is the only place that decides who gets what, so that
 * a dead worker can stop nobody else.
 */
export class WorkerStage implements Stage {
  readonly takesBytes = true
  readonly #plan: WorkerStagePlan
  readonly #context: StageContext
  readonly #crew: Crew
  readonly #dispatcher: Dispatcher
  readonly #policy: ChunkPolicy
  readonly #progress: ProgressWatch
  readonly #health: HealthWatch
  /** How batches are formed now. */
  readonly #batching: MutableBatching
  readonly #knobs: StageKnobs
  readonly #turn: FlushTurn
  readonly #meter: StageMeter
  /** How many items a worker may still get when its successor is started. */
  readonly #renewAt: number

  /**
   * Starts all workers, in parallel.
   *
   * @throws {WorkerStartError} When one does not become ready; the context then undoes the start.
   */
  static async start(plan: WorkerStagePlan, context: StageContext): Promise<WorkerStage> {
    const stage = new WorkerStage(plan, context)
    context.onUndo(() => stage.kill())
    await stage.#crew.start()
    stage.#meter.noteWorkers(plan.count)
    return stage
  }

  private constructor(plan: WorkerStagePlan, context: StageContext) {
    this.#plan = plan
    this.#context = context
    this.#batching = { ...plan.batching }
    this.#meter = new StageMeter(plan)
    this.#renewAt = Math.floor(plan.supervision.maxItems / 10)
    this.#policy = new ChunkPolicy(
      plan.concurrency,
      plan.batching.size > 0 ? quickBatchMs : undefined,
    )
    this.#turn = new FlushTurn(this.#policy, () => context.isAlone())
    this.#crew = new Crew({
      count: plan.count,
      specOf: (workerIndex) => plan.specOf(workerIndex),
      makeSlot: (spec, earlier) => this.#makeSlot(spec, earlier),
      onChange: () => {
        this.#meter.noteWorkers(this.#crew.slots.length)
        this.#dispatcher.dispatch()
      },
      onFailed: (reason) => context.onFailed(reason),
    })
    this.#dispatcher = new Dispatcher({
      name: plan.name,
      slots: this.#crew.slots,
      policy: this.#policy,
      batching: this.#batching,
      concurrency: plan.concurrency,
      meter: this.#meter,
      onGiven: (slot) => this.#noteGiven(slot),
    })
    this.#knobs = new StageKnobs({
      name: plan.name,
      crew: this.#crew,
      batching: this.#batching,
      onBatching: () => this.#dispatcher.dispatch(),
    })
    this.#progress = new ProgressWatch({
      slots: this.#crew.slots,
      workers: () => this.#crew.all,
      policy: this.#policy,
      onReturned: (tasks) => this.#dispatcher.takeBack(tasks),
    })
    this.#health = new HealthWatch({
      workers: () => this.#crew.all,
      itemTimeoutMs: plan.supervision.itemTimeoutMs,
      maxRssBytes: plan.maxRssBytes,
      onOverfull: (slot) => this.#crew.renew(slot),
    })
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    branch.flight.hold()
    if (branch.isCancelled) {
      skipTask({ branch, done }, this.#meter)
      return
    }
    this.#dispatcher.add(new Task(branch, input, done))
  }

  sweep(): void {
    const isWanted = ({ branch }: Task): boolean => !branch.isCancelled
    const left = this.#crew.all.flatMap((slot) => slot.withdraw(({ branch }) => branch.isCancelled))
    left.push(...this.#dispatcher.keep(isWanted))
    for (const task of left) skipTask(task, this.#meter)
    if (this.#plan.supervision.onAbandon !== 'finish') this.#giveUpBegun()
    this.#dispatcher.dispatch()
  }

  hurry(): void {
    this.#dispatcher.hurry()
  }

  look(): void {
    for (const slot of this.#crew.all) if (slot.held > 0) slot.life.link?.lookForFrames()
  }

  isReady(): boolean {
    return this.#crew.slots.some((slot) => slot.isReady)
  }

  debugInfo(note?: NoteLink): StageInfo {
    const workers = this.#crew.all.map((slot) => slot.info(note))
    return {
      name: this.#plan.name,
      kind: this.#plan.kind,
      ...(this.#plan.isInline && { inline: true }),
      queued: this.#dispatcher.queued,
      running: workers.reduce((total, worker) => total + worker.held, 0),
      workers,
    }
  }

  knobs(): readonly ServerStage[] {
    return [this.#knobs]
  }

  metrics(): StageMetrics {
    return this.#meter.metrics(this.debugInfo())
  }

  async close(): Promise<void> {
    await this.#crew.close()
  }

  async kill(): Promise<void> {
    await this.#crew.kill()
    for (const task of this.#dispatcher.stop()) finishTask(task, abandonedPayload)
  }

  #makeSlot(spec: WorkerSpec, earlier: number): WorkerSlot {
    const { startTimeoutMs, concurrency, supervision } = this.#plan
    return new WorkerSlot({
      spec,
      earlier,
      startTimeoutMs,
      concurrency,
      maxItems: supervision.maxItems,
      meter: this.#meter,
      reporter: new WorkerReporter({
        stage: this.#plan.name,
        spec,
        meter: this.#meter,
        emit: this.#context.emit,
      }),
      openLink: (epoch, events) => this.#plan.openLink(spec, epoch, this.#batching, events),
      onReady: (hasFixedBatches) => {
        if (hasFixedBatches) this.#batching.isFixed = true
      },
      onRoom: () => {
        this.#dispatcher.dispatch()
        this.#progress.lookAgainSoon()
      },
      onServiced: (tookMs) => {
        this.#policy.record(tookMs)
        this.#meter.noteBusy(tookMs)
      },
      onReturned: (tasks) => this.#dispatcher.takeBack(tasks),
      onEnded: (end, begun, others) => this.#afterEnd(end, begun, others),
      onFailed: (reason) => this.#context.onFailed(reason),
    })
  }

  #noteGiven(slot: WorkerSlot): void {
    this.#progress.noteGiven(slot)
    this.#health.noteGiven()
    this.#turn.add(slot)
    if (slot.itemsLeft <= this.#renewAt) this.#crew.renew(slot)
  }

  /** Lets workers know, or ends them, that are at what nobody waits for any more. */
  #giveUpBegun(): void {
    const isKill = this.#plan.supervision.onAbandon === 'kill'
    for (const slot of this.#crew.all) {
      const begun = isKill ? slot.begun() : undefined
      for (const task of slot.unstoppable()) {
        if (task.isGivenUp || !task.branch.isCancelled) continue
        task.isGivenUp = true
        if (begun?.includes(task) === true) slot.life.end({ kind: 'abandoned' })
        else slot.life.link?.abandon(task.branch.flight.id, slot.life.epoch)
      }
    }
  }

  /** Decides about the tasks of a worker that has ended. */
  #afterEnd(end: WorkerEnd, begun: readonly Task[], others: readonly Task[]): void {
    const again: Task[] = []
    const suspects: Task[] = []
    for (const task of begun) {
      if (task.branch.isCancelled) {
        finishTask(task, abandonedPayload)
        continue
      }
      const fate = decideFate(task, end, this.#plan.supervision.retries)
      if (fate.kind === 'failed') {
        failTask(task, fate.error, this.#meter)
        continue
      }
      task.beginAgain()
      if (fate.kind === 'evicted') {
        this.#meter.noteEvicted()
        again.push(task)
      } else {
        this.#meter.noteRetried()
        suspects.push(task)
      }
    }
    if (end.isWanted) for (const task of others) finishTask(task, abandonedPayload)
    else again.push(...others)
    this.#dispatcher.takeBack(again, suspects)
  }
}
