import { checkTimeoutMs } from '@mpservice/process'
import type { MutableBatching } from '../batching.ts'
import type { Crew } from './crew.ts'

/** One stage of a server that runs, to be changed while it serves: nothing is lost or delayed by it. */
export interface ServerStage {
  /** The name of its servlet. */
  readonly name: string
  /** How many workers serve. */
  readonly workers: number
  /**
   * Changes how many workers serve. New ones are pinned to the CPUs of the servlet's `cpus` in turn;
   * those that leave finish what they are at, and what they have not begun goes to others. Resolves when
   * the new ones are ready and the others have ended.
   *
   * @throws {RangeError} When it is no whole number of at least 1.
   * @throws {TypeError} When the stage is on the server's event loop.
   * @throws {WorkerStartError} When a new worker does not become ready: then none comes.
   * @throws {ServerClosedError} When the server ends.
   */
  setWorkers(count: number): Promise<void>
  /**
   * The most items of a batch; 0 where there are no batches. Workers that run keep the `batchSize` that
   * they were made with. Setting it throws a `RangeError` when it is no whole number of at least 1, and
   * a `TypeError` where there are no batches or the class has fixed their size.
   */
  batchSize: number
  /** How long a batch waits for more items after its first, in milliseconds; to be set as `batchSize`. */
  batchWaitMs: number
  /**
   * Replaces the workers, one after the other, each when its successor is ready: what has changed in
   * their modules is in use then, and no item waits for it. Resolves when the last one has been replaced.
   *
   * @throws {TypeError} When the stage is on the server's event loop.
   * @throws {WorkerStartError} When a successor does not become ready: the others stay.
   * @throws {ServerClosedError} When the server ends.
   */
  reload(): Promise<void>
}

/** What the knobs of a stage turn. */
export interface StageKnobsOptions {
  readonly name: string
  /** None where the worker is on the server's event loop. */
  readonly crew: Crew | undefined
  readonly batching: MutableBatching
  /** Batches may be full or due now that were not before. */
  onBatching(): void
}

/** The knobs of a stage. */
export class StageKnobs implements ServerStage {
  readonly name: string
  readonly #options: StageKnobsOptions

  constructor(options: StageKnobsOptions) {
    this.name = options.name
    this.#options = options
  }

  get workers(): number {
    return this.#options.crew?.slots.length ?? 1
  }

  async setWorkers(count: number): Promise<void> {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`the number of workers is ${count}: give a whole number of at least 1`)
    }
    await this.#crew().resize(count)
  }

  get batchSize(): number {
    return this.#options.batching.size
  }

  set batchSize(size: number) {
    const { batching } = this.#options
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`batchSize is ${size}: give a whole number of at least 1`)
    }
    this.#checkBatches()
    if (batching.isFixed) {
      throw new TypeError(`the class of '${this.name}' has batches of ${batching.size}, always`)
    }
    batching.size = size
    this.#options.onBatching()
  }

  get batchWaitMs(): number {
    return this.#options.batching.waitMs
  }

  set batchWaitMs(waitMs: number) {
    checkTimeoutMs(waitMs, 'batchWaitMs')
    this.#checkBatches()
    this.#options.batching.waitMs = waitMs
    this.#options.onBatching()
  }

  async reload(): Promise<void> {
    await this.#crew().reload()
  }

  #crew(): Crew {
    const { crew } = this.#options
    if (crew !== undefined) return crew
    throw new TypeError(`'${this.name}' has its one worker on the server's event loop, for good`)
  }

  #checkBatches(): void {
    if (this.#options.batching.size > 0) return
    throw new TypeError(`'${this.name}' takes one item at a time: its worker is no BatchWorker`)
  }
}
