import { exceptionPayload } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'
import type { Answers } from './answers.ts'
import { prepareItems } from './batch-item.ts'
import type { BegunTask } from './begun-task.ts'
import { Lanes } from './lanes.ts'
import type { Performer } from './performer.ts'
import { spreadFailure } from './spread-results.ts'
import { StreamRun, type StreamUnit } from './stream-run.ts'

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

/** Works on tasks by the worker's own `stream`, which takes several before it gives a result. */
export class StreamPerformer implements Performer {
  readonly #worker: StreamSource
  readonly #answers: Answers
  readonly #shape: StreamShape
  readonly #lanes: Lanes
  #tasks: BegunTask[] = []
  #isComplete = false
  readonly #waiting = new Fifo<StreamUnit>()
  #run: StreamRun | undefined
  #running: Promise<void> | undefined
  #isEnding = false

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
    this.#lanes.enter()
    this.#waiting.push(this.#unitOf(tasks))
    this.#runOn()
    return this.#lanes.whenFree()
  }

  get isBusy(): boolean {
    return !this.#lanes.isEmpty
  }

  async finish(): Promise<void> {
    this.#isEnding = true
    this.#run?.end()
    await this.#running
  }

  #runOn(): void {
    this.#run?.wake()
    this.#running ??= this.#runAll().catch((error: unknown) => this.#answers.fail(error))
  }

  /** Lets the worker's stream run, again and again where it ends or throws. */
  async #runAll(): Promise<void> {
    do {
      this.#run = new StreamRun(this.#waiting, (unit) => {
        this.#waiting.unshift([unit])
        this.#runOn()
      })
      if (this.#isEnding) this.#run.end()
      await this.#run.run((inputs) => this.#worker.stream(inputs))
      this.#run = undefined
    } while (this.#waiting.length > 0)
    this.#running = undefined
  }

  #unitOf(tasks: readonly BegunTask[]): StreamUnit {
    const startedAt = performance.now()
    let good = tasks
    const finish = (): void => {
      this.#answers.writeAll(tasks, startedAt)
      this.#answers.wakeSoon()
      this.#lanes.leave()
    }
    const fail = (reason: unknown): void => {
      spreadFailure(good, exceptionPayload(reason, this.#answers.origin))
      finish()
    }
    const prepare = async (): Promise<{ readonly input: unknown } | undefined> => {
      await prepareItems(this.#worker, tasks, this.#answers.origin)
      good = tasks.filter(({ outcome }) => outcome === undefined)
      if (good.length > 0) return { input: this.#shape.inputOf(good) }
      finish()
      return undefined
    }
    let prepared: ReturnType<typeof prepare> | undefined
    return {
      prepare: () => (prepared ??= prepare()),
      answer: (result) => {
        try {
          this.#shape.spread(good, result)
        } catch (error) {
          fail(error)
          return
        }
        finish()
      },
      fail,
    }
  }
}
