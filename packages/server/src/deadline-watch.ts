/** The longest time that a Node timer can wait, in milliseconds. */
const longestTimerMs = 2 ** 31 - 1
/** A timer that is later than this found the event loop blocked, in milliseconds. */
const blockedMs = 2
/** The longest time that is given to those who wait after that, in milliseconds. */
const longestGraceMs = 100

/**
 * Watches many deadlines with one timer, which is set to the earliest of them: cheap when most of what
 * they are for is gone long before.
 *
 * A blocked event loop makes no false time-outs. Before time is called up, the event loop takes in what
 * has arrived by then; and those whose time was up while it was blocked have as long again as it was
 * late, 100 ms at most, for what could not even be sent.
 */
export class DeadlineWatch {
  readonly #expireDue: (until: number) => number
  readonly #look: () => void
  #timer: NodeJS.Timeout | undefined
  #timerAt = Infinity
  #isResting = true

  /**
   * @param expireDue - Called when a deadline may have come; ends the waits whose deadline is not after
   *   the given time and gives the earliest of the others, both on the clock of `performance.now()`, or
   *   `Infinity`.
   * @param look - Takes in what has arrived, as far as that does not come by itself.
   */
  constructor(expireDue: (until: number) => number, look: () => void = () => undefined) {
    this.#expireDue = expireDue
    this.#look = look
  }

  /** Adds a deadline, on the clock of `performance.now()`. */
  watch(deadline: number): void {
    if (this.#isResting) this.#timer?.ref()
    this.#isResting = false
    if (deadline < this.#timerAt) this.#setTimer(deadline)
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
    this.#timerAt = at
    this.#startTimer(at - performance.now(), () => this.#afterTimer())
  }

  #afterTimer(): void {
    this.#look()
    const now = performance.now()
    const lateMs = now - this.#timerAt
    // `#timerAt` stays in the past meanwhile: this timer is not set anew.
    if (lateMs < blockedMs) this.#callTime(now)
    else this.#startTimer(Math.min(longestGraceMs, lateMs), () => this.#callTimeAgain(now))
  }

  #callTimeAgain(until: number): void {
    this.#look()
    this.#callTime(until)
  }

  /** Time is up for those whose deadline has come until then. */
  #callTime(until: number): void {
    this.#timerAt = Infinity
    const earliest = this.#expireDue(until)
    if (earliest < this.#timerAt) this.#setTimer(earliest)
  }

  /** Calls back after the poll phase that follows the timer. */
  #startTimer(delayMs: number, act: () => void): void {
    clearTimeout(this.#timer)
    const waitMs = Math.ceil(Math.min(longestTimerMs, Math.max(0, delayMs)))
    this.#timer = setTimeout(() => setImmediate(act), waitMs)
    if (this.#isResting) this.#timer.unref()
  }
}
