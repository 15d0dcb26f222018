import { ChunkPolicy, maxChunkBytes } from './chunk-policy.ts'
import { Fifo } from './fifo.ts'
import type { Branch } from './flight.ts'
import { exceptionPayload, type Payload } from './payload.ts'
import type { WorkerSpec } from './servlet.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { abandonedPayload, finishTask, type Task } from './task.ts'
import type { WorkerLink, WorkerLinkEvents } from './worker-link.ts'
import { WorkerSlot } from './worker-slot.ts'

/** What a stage of workers is made from. */
export interface WorkerStagePlan {
  readonly name: string
  readonly kind: 'process'
  readonly workers: readonly WorkerSpec[]
  readonly startTimeoutMs: number
  openLink(spec: WorkerSpec, epoch: number, events: WorkerLinkEvents): WorkerLink
}

/**
 * One queue in front of several workers: each item goes to one of them, the first that has room.
 *
 * Each worker has a link of its own and this is the only place that decides who gets what, so that
 * a dead worker can stop nobody else.
 */
export class WorkerStage implements Stage {
  readonly #plan: WorkerStagePlan
  readonly #context: StageContext
  readonly #slots: readonly WorkerSlot[]
  readonly #queue = new Fifo<Task>()
  readonly #policy = new ChunkPolicy()
  #isDispatching = false
  #lastUsed = 0

  /**
   * Starts all workers, in parallel.
   *
   * @throws {WorkerStartError} When one does not become ready; the context then undoes the start.
   */
  static async start(plan: WorkerStagePlan, context: StageContext): Promise<WorkerStage> {
    const stage = new WorkerStage(plan, context)
    context.onUndo(() => stage.kill())
    await Promise.all(stage.#slots.map((slot) => slot.start()))
    return stage
  }

  private constructor(plan: WorkerStagePlan, context: StageContext) {
    this.#plan = plan
    this.#context = context
    this.#slots = plan.workers.map(
      (spec) =>
        new WorkerSlot({
          spec,
          startTimeoutMs: plan.startTimeoutMs,
          openLink: (epoch, events) => plan.openLink(spec, epoch, events),
          onRoom: () => this.#dispatchSoon(),
          onServiced: (tookMs) => this.#policy.record(tookMs),
          onReturned: (tasks) => this.#takeBack(tasks),
          onFailed: (reason) => this.#context.onFailed(reason),
        }),
    )
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    branch.flight.hold()
    const bytes = encodeWanted(branch, input)
    if (bytes instanceof Uint8Array) {
      this.#queue.push({ branch, bytes, attempt: 1, done })
      this.#dispatchSoon()
    } else {
      finishTask({ branch, done }, bytes)
    }
  }

  sweep(): void {
    for (const task of this.#queue.keep(({ branch }) => !branch.isCancelled)) {
      finishTask(task, abandonedPayload)
    }
  }

  isReady(): boolean {
    return this.#slots.some((slot) => slot.isReady)
  }

  debugInfo(): StageInfo {
    const workers = this.#slots.map((slot) => slot.info())
    return {
      name: this.#plan.name,
      kind: this.#plan.kind,
      queued: this.#queue.length,
      running: workers.reduce((total, worker) => total + worker.held, 0),
      workers,
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()))
  }

  async kill(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.kill()))
    for (const task of this.#queue.keep(() => false)) finishTask(task, abandonedPayload)
  }

  #takeBack(tasks: readonly Task[]): void {
    this.#queue.unshift(tasks)
    this.#dispatchSoon()
  }

  /** After the microtasks of this turn, so that calls that belong together go out together. */
  #dispatchSoon(): void {
    if (this.#isDispatching || this.#queue.length === 0) return
    this.#isDispatching = true
    process.nextTick(() => {
      this.#isDispatching = false
      this.#dispatch()
    })
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#findRoom()
      if (slot === undefined) return
      const chunk = this.#takeChunk(this.#fairShare())
      if (chunk.length > 0) slot.send(chunk)
    }
  }

  /** An idle worker first, and of several the one used last: its caches and its thread are warm. */
  #findRoom(): WorkerSlot | undefined {
    for (let held = 0; held < this.#policy.chunksAhead; held++) {
      for (let step = 0; step < this.#slots.length; step++) {
        const index = (this.#lastUsed + step) % this.#slots.length
        const slot = this.#slots[index]
        if (slot?.isReady === true && slot.chunksHeld === held) {
          this.#lastUsed = index
          return slot
        }
      }
    }
    return undefined
  }

  /** No worker takes what an idle one could begin with at once. */
  #fairShare(): number {
    const idle = this.#slots.filter((slot) => slot.isReady && slot.chunksHeld === 0).length
    const share = Math.ceil(this.#queue.length / Math.max(1, idle))
    return Math.min(this.#policy.chunkItems, share)
  }

  #takeChunk(maxItems: number): Task[] {
    const chunk: Task[] = []
    let bytes = 0
    while (chunk.length < maxItems && bytes < maxChunkBytes) {
      const task = this.#queue.shift()
      if (task === undefined) break
      if (task.branch.isCancelled) {
        finishTask(task, abandonedPayload)
      } else {
        chunk.push(task)
        bytes += task.bytes.length
      }
    }
    return chunk
  }
}

/**
 * The bytes of an input, or why there are none. It is encoded when it arrives: a caller may change
 * its object later, and one encoding serves all members of an ensemble.
 */
function encodeWanted(branch: Branch, input: Payload): Uint8Array | Payload {
  if (branch.isCancelled) return abandonedPayload
  try {
    return input.bytes()
  } catch (error) {
    return exceptionPayload(error)
  }
}
