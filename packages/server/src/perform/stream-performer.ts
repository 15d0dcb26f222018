import { exceptionPayload } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'
import type { Answers } from './answers.ts'
import { prepareItems } from './batch-item.ts'
import type { BegunTask } from './begun-task.ts'
import { Lanes } from './lanes.ts'
import type { Performer } from './performer.ts'
import { spreadFailure } from './spread-results.ts'

/** A worker whose `stream` works on all items. */
export interface StreamSource {
  preprocess?(input: unknown): unknown
  stream(inputs: AsyncIterable<unknown>): AsyncIterable<unknown>
}

/** What the elements of a stream are: items, or batches of them. */
export interface StreamShape {
  inputOf(tasks: readonly BegunTask[]): unknown
  /** Gives each task its outcome from what the stream has given. */
  spread(tasks: readonly BegunTask[], result: unknown): void
}

/** What is one element of the stream. */
interface Unit {
  /** Those whose preparation has not failed. */
  readonly good: readonly BegunTask[]
  readonly all: readonly BegunTask[]
  readonly startedAt: number
}

/** Works on tasks by the worker's own `stream`, which takes several before it gives a result. */
export class StreamPerformer implements Performer {
  readonly #worker: StreamSource
  readonly #answers: Answers
  readonly #shape: StreamShape
  readonly #lanes: Lanes
  #tasks: BegunTask[] = []
  #isComplete = false
  readonly #waiting = new Fifo<Unit>()
  readonly #taken = new Fifo<Unit>()
  #wakeInputs: (() => void) | undefined
  #isEnding = false
  #running: Promise<void> | undefined

  constructor(worker: StreamSource, answers: Answers, shape: StreamShape, concurrency: number) {
    this.#worker = worker
    this.#answers = answers
    this.#shape = shape
    this.#lanes = new Lanes(concurrency)
  }

  take(task: BegunTask, isLastOfBatch: boolean): void {
    this.#tasks.push(task)
    this.#isComplete = isLastOfBatch
  }

  skip(isLastOfBatch: boolean): void {
    this.#isComplete = isLastOfBatch
  }

  perform(): Promise<void> | undefined {
    if (!this.#isComplete) return undefined
    const tasks = this.#tasks
    this.#tasks = []
    this.#isComplete = false
    // The next ones wait, so that the order stays.
    const prepared = prepareItems(this.#worker, tasks, this.#answers.origin)
    if (prepared !== undefined) return prepared.then(() => this.#feed(tasks))
    return this.#feed(tasks)
  }

  get isBusy(): boolean {
    return !this.#lanes.isEmpty
  }

  async finish(): Promise<void> {
    await this.#lanes.whenEmpty()
    this.#isEnding = true
    this.#wakeInputs?.()
    await this.#running
  }

  #feed(all: readonly BegunTask[]): Promise<void> | undefined {
    const startedAt = performance.now()
    const good = all.filter(({ outcome }) => outcome === undefined)
    if (good.length === 0) {
      this.#answers.writeAll(all, startedAt)
      return undefined
    }
    this.#waiting.push({ good, all, startedAt })
    this.#lanes.enter()
    this.#wakeInputs?.()
    this.#running ??= this.#run().catch((error: unknown) => this.#answers.fail(error))
    return this.#lanes.whenFree()
  }

  /** Lets the worker's stream run, again and again where it ends or throws. */
  async #run(): Promise<void> {
    do {
      const failure = await this.#runOnce()
      // One that takes nothing would never come to an end with what waits.
      if (this.#taken.length === 0) this.#takeNext()
      for (let unit = this.#taken.shift(); unit !== undefined; unit = this.#taken.shift()) {
        spreadFailure(unit.good, exceptionPayload(failure, this.#answers.origin))
        this.#finishUnit(unit)
      }
    } while (this.#waiting.length > 0)
    this.#running = undefined
  }

  /** Gives what the items fail with that the stream has taken and not answered. */
  async #runOnce(): Promise<unknown> {
    try {
      for await (const result of this.#worker.stream(this.#inputs())) {
        const unit = this.#taken.shift()
        if (unit === undefined) return new Error('stream() gave more results than it took items')
        this.#shape.spread(unit.good, result)
        this.#finishUnit(unit)
      }
      return new Error('stream() ended before it had given a result for each item that it took')
    } catch (error) {
      return error
    }
  }

  async *#inputs(): AsyncGenerator<unknown, void, undefined> {
    while (!this.#isEnding) {
      const unit = this.#takeNext()
      if (unit !== undefined) {
        yield this.#shape.inputOf(unit.good)
        continue
      }
      await new Promise<void>((resolve) => {
        this.#wakeInputs = resolve
      })
    }
  }

  #takeNext(): Unit | undefined {
    const unit = this.#waiting.shift()
    if (unit !== undefined) this.#taken.push(unit)
    return unit
  }

  #finishUnit({ all, startedAt }: Unit): void {
    this.#answers.writeAll(all, startedAt)
    this.#answers.wakeSoon()
    this.#lanes.leave()
  }
}
