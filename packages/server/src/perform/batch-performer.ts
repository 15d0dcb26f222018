import type { BatchWorker } from '../batch-worker.ts'
import type { Answers } from './answers.ts'
import type { BegunTask } from './begun-task.ts'
import { Lanes } from './lanes.ts'
import { performBatch } from './perform-batch.ts'
import type { Performer } from './performer.ts'

/** Works on batches as the server has formed them. */
export class BatchPerformer implements Performer {
  readonly #worker: BatchWorker<unknown, unknown>
  readonly #answers: Answers
  readonly #lanes: Lanes
  #batch: BegunTask[] = []
  #isComplete = false

  constructor(worker: BatchWorker<unknown, unknown>, answers: Answers, concurrency: number) {
    this.#worker = worker
    this.#answers = answers
    this.#lanes = new Lanes(concurrency)
  }

  take(task: BegunTask, isLastOfBatch: boolean): void {
    this.#batch.push(task)
    this.#isComplete = isLastOfBatch
  }

  skip(isLastOfBatch: boolean): void {
    this.#isComplete = isLastOfBatch
  }

  perform(): Promise<void> | undefined {
    if (!this.#isComplete) return undefined
    const batch = this.#batch
    this.#batch = []
    this.#isComplete = false
    const startedAt = this.#lanes.isWide ? performance.now() : this.#answers.clock
    const pending = performBatch(this.#worker, batch, this.#answers.origin)
    if (pending === undefined) {
      this.#answers.writeAll(batch, startedAt)
      return undefined
    }
    return this.#lanes.occupy(pending, this.#answers, () =>
      this.#answers.writeAll(batch, startedAt),
    )
  }

  get isBusy(): boolean {
    return !this.#lanes.isEmpty
  }

  finish(): Promise<void> {
    return this.#lanes.whenEmpty()
  }
}
