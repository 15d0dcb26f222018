import { performance } from 'node:perf_hooks'

/** After so many milliseconds without an outcome, a worker is at something slow. */
const stuckAfterMs = 2

/** Says whether a worker gets on. */
export class SlotProgress {
  /** How many items were answered. */
  answered = 0
  /** The same when somebody looked. */
  #answeredThen = -1
  #lookedAt = 0
  /** When the worker last got something while it had nothing, or gave something. */
  #movedAt = 0

  /** The worker has given an outcome; times are on the clock of `performance.now()`. */
  noteAnswer(now: number): void {
    this.answered++
    this.#movedAt = now
  }

  /** It has got something while it had nothing. */
  noteMove(now: number): void {
    this.#movedAt = now
  }

  /** How long ago that was, in milliseconds. */
  get sinceMoveMs(): number {
    return performance.now() - this.#movedAt
  }

  /** Another worker begins from nothing. */
  reset(): void {
    this.#answeredThen = -1
  }

  /** For how long, in milliseconds, the worker has been at the same item as when this was last asked. */
  look(): number {
    const now = performance.now()
    const sameMs = this.#answeredThen === this.answered ? now - this.#lookedAt : 0
    if (sameMs === 0) this.#lookedAt = now
    this.#answeredThen = this.answered
    return sameMs
  }

  /** Whether it has not moved for so long that it is at something slow. */
  get isSlow(): boolean {
    return this.sinceMoveMs > stuckAfterMs
  }
}
