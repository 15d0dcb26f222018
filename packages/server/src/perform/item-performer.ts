import type { Worker } from '../worker.ts'
import type { Answers } from './answers.ts'
import type { BegunTask } from './begun-task.ts'
import { Lanes } from './lanes.ts'
import { performItem } from './perform-item.ts'
import type { Performer } from './performer.ts'

/** Works on tasks one by one, or on several at the same time while they wait for something. */
export class ItemPerformer implements Performer {
  readonly #worker: Worker<unknown, unknown>
  readonly #answers: Answers
  readonly #lanes: Lanes
  #task: BegunTask | undefined

  constructor(worker: Worker<unknown, unknown>, answers: Answers, concurrency: number) {
    this.#worker = worker
    this.#answers = answers
    this.#lanes = new Lanes(concurrency)
  }

  take(task: BegunTask): void {
    this.#task = task
  }

  skip(): void {
    // There is nothing that it was a part of.
  }

  perform(): Promise<void> | undefined {
    const task = this.#task
    if (task === undefined) return undefined
    this.#task = undefined
    const startedAt = this.#lanes.isWide ? performance.now() : undefined
    const outcome =
      task.outcome ?? performItem(this.#worker, task.input, task.item, this.#answers.origin)
    if (!(outcome instanceof Promise)) {
      this.#answers.write(task, outcome, startedAt)
      return undefined
    }
    return this.#lanes.occupy(outcome, this.#answers, (known) =>
      this.#answers.write(task, known, startedAt),
    )
  }

  get isBusy(): boolean {
    return !this.#lanes.isEmpty
  }

  finish(): Promise<void> {
    return this.#lanes.whenEmpty()
  }
}
