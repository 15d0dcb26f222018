import { type StartedTimer, startTimer } from '@mpservice/process'
import type { Batching } from '../batching.ts'

/** Says when what waits for a stage goes out as a batch: when it is full, or the first item has waited. */
export class BatchGate {
  readonly #batching: Batching
  readonly #onDue: () => void
  #timer: StartedTimer | undefined
  #timerAt = Infinity
  #isGathering = false
  #turnAt = 0
  #isHurried = false

  constructor(batching: Batching, onDue: () => void) {
    this.#batching = batching
    this.#onDue = onDue
  }

  /** The most items of a batch. */
  get size(): number {
    return this.#batching.size
  }

  /** When what comes now has come, on the clock of `performance.now()`: the same for all of one turn. */
  arrivalTime(): number {
    if (this.#isGathering) return this.#turnAt
    this.#isGathering = true
    this.#turnAt = performance.now()
    // What comes in one turn belongs together.
    process.nextTick(() => {
      this.#isGathering = false
      this.#onDue()
    })
    return this.#turnAt
  }

  /** Whether so many items are a batch that waits for nothing. */
  isFull(items: number): boolean {
    return items >= this.#batching.size
  }

  /**
   * Whether a batch may go out whose first item came at a time, on the clock of `performance.now()`;
   * if not, `onDue` is called when it may.
   */
  isDue(firstAt: number): boolean {
    if (this.#isHurried) return true
    const dueAt = firstAt + this.#batching.waitMs
    const now = performance.now()
    if (now >= dueAt) return true
    if (this.#timerAt <= dueAt) return false
    this.#timer?.stop()
    this.#timerAt = dueAt
    this.#timer = startTimer(dueAt - now, () => {
      this.#timerAt = Infinity
      this.#onDue()
    })
    return false
  }

  /** Nothing will go out any more. */
  stop(): void {
    this.#timer?.stop()
    this.#timerAt = Infinity
  }

  /** From now on nothing waits for more. */
  hurry(): void {
    this.#isHurried = true
    this.#timer?.stop()
    this.#timerAt = Infinity
    this.#onDue()
  }
}
