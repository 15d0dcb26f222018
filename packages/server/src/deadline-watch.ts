/** The longest time that a Node timer can wait, in milliseconds. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Watches many deadlines with one timer, which is set to the earliest of them: cheap when most of what
 * they are for is gone long before.
 *
 * Time is only called up after the event loop has taken in what had arrived by then, so that a
 * blocked event loop makes no false time-outs.
 */
export class DeadlineWatch {
  readonly #expireDue: (now: number) => number
  #timer: NodeJS.Timeout | undefined
  #timerAt = Infinity
  #isResting = true

  /**
   * @param expireDue - Called when a deadline may have come; gives the earliest that has not, on the
   *   clock of `performance.now()`, or `Infinity`.
   */
  constructor(expireDue: (now: number) => number) {
    this.#expireDue = expireDue
  }

  /** Adds a deadline, on the clock of `performance.now()`. */
  watch(deadline: number): void {
    if (deadline < this.#timerAt) this.#setTimer(deadline)
    else if (this.#isResting) this.#timer?.ref()
    this.#isResting = false
  }

  /** Nobody waits any more: the timer must not keep the program alive. */
  rest(): void {
    this.#isResting = true
    this.#timer?.unref()
  }

  /** Nobody will wait any more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timerAt = Infinity
  }

  #setTimer(at: number): void {
    clearTimeout(this.#timer)
    this.#timerAt = at
    const delayMs = Math.min(longestTimerMs, Math.max(0, at - performance.now()))
    this.#timer = setTimeout(() => setImmediate(() => this.#afterTimer()), Math.ceil(delayMs))
  }

  #afterTimer(): void {
    this.#timerAt = Infinity
    const earliest = this.#expireDue(performance.now())
    if (earliest < this.#timerAt) this.#setTimer(earliest)
  }
}
