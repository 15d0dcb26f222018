import { Fifo } from '../fifo.ts'

/** What is one element of a worker's stream. */
export interface StreamUnit {
  /**
   * What the worker gets; `undefined` when nothing is left of it, since its preparation has failed. It is
   * prepared once, however often this is called.
   */
  prepare(): Promise<{ readonly input: unknown } | undefined>
  /** The worker has given this for it. */
  answer(result: unknown): void
  /** The worker gives nothing for it. */
  fail(reason: unknown): void
}

/** One run of a worker's stream, from its start until it ends or throws. */
export class StreamRun {
  readonly #waiting: Fifo<StreamUnit>
  readonly #giveBack: (unit: StreamUnit) => void
  readonly #taken = new Fifo<StreamUnit>()
  #hasTaken = false
  #isOver = false
  #isEnding = false
  #wakeInputs: (() => void) | undefined

  /**
   * @param waiting - Units that no run has taken yet; what this one leaves is for the next one.
   * @param giveBack - Takes a unit back that was prepared for a run that has ended meanwhile.
   */
  constructor(waiting: Fifo<StreamUnit>, giveBack: (unit: StreamUnit) => void) {
    this.#waiting = waiting
    this.#giveBack = giveBack
  }

  /** There is more to take. */
  wake(): void {
    this.#wakeInputs?.()
  }

  /** The inputs end when nothing waits any more. */
  end(): void {
    this.#isEnding = true
    this.#wakeInputs?.()
  }

  /** Lets a stream run to its end; then every unit that it has taken is answered or has failed. */
  async run(stream: (inputs: AsyncIterable<unknown>) => AsyncIterable<unknown>): Promise<void> {
    const reason = await this.#consume(stream)
    this.#isOver = true
    this.#wakeInputs?.()
    // One that takes nothing would never come to an end with what waits.
    if (!this.#hasTaken) this.#waiting.shift()?.fail(reason)
    for (let unit = this.#taken.shift(); unit !== undefined; unit = this.#taken.shift()) {
      unit.fail(reason)
    }
  }

  /** Gives what the units fail with that are not answered. */
  async #consume(
    stream: (inputs: AsyncIterable<unknown>) => AsyncIterable<unknown>,
  ): Promise<unknown> {
    try {
      for await (const result of stream(this.#inputs())) {
        const unit = this.#taken.shift()
        if (unit === undefined) return new Error('stream() gave more results than it took items')
        unit.answer(result)
      }
      return new Error('stream() ended before it had given a result for each item that it took')
    } catch (error) {
      return error
    }
  }

  async *#inputs(): AsyncGenerator<unknown, void, undefined> {
    while (!this.#isOver) {
      const unit = this.#waiting.shift()
      if (unit === undefined) {
        if (this.#isEnding) return
        await new Promise<void>((resolve) => {
          this.#wakeInputs = resolve
        })
        continue
      }
      this.#hasTaken = true
      const prepared = await unit.prepare()
      if (prepared === undefined) continue
      if (this.#isOver) {
        this.#giveBack(unit)
        return
      }
      this.#taken.push(unit)
      yield prepared.input
    }
  }
}
