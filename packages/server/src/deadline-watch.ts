/** The longest time that a Node timer can wait, in milliseconds. */
const longestTimerMs = 2 ** 31 - 1

/** Something whose time can be up. */
export interface Expiring {
  /** When its time is up, on the clock of `performance.now()`. */
  readonly deadline: number
  expire(): void
}

/**
 * Watches the deadlines of many things with one timer, which is set to the earliest of them: cheap
 * when most are gone long before.
 *
 * Time is only called up after the event loop has taken in what had arrived by then, so that a
 * blocked event loop makes no false time-outs.
 */
export class DeadlineWatch {
  readonly #watched = new Set<Expiring>()
  #timer: NodeJS.Timeout | undefined
  #timerAt = Infinity

  add(expiring: Expiring): void {
    this.#watched.add(expiring)
    if (expiring.deadline < this.#timerAt) this.#setTimer(expiring.deadline)
    else if (this.#watched.size === 1) this.#timer?.ref()
  }

  delete(expiring: Expiring): void {
    // A timer that nobody waits for must not keep the program alive.
    if (this.#watched.delete(expiring) && this.#watched.size === 0) this.#timer?.unref()
  }

  #setTimer(at: number): void {
    clearTimeout(this.#timer)
    this.#timerAt = at
    const delayMs = Math.min(longestTimerMs, Math.max(0, at - performance.now()))
    this.#timer = setTimeout(() => setImmediate(() => this.#expireDue()), Math.ceil(delayMs))
  }

  #expireDue(): void {
    const now = performance.now()
    let earliest = Infinity
    this.#timerAt = Infinity
    for (const expiring of this.#watched) {
      if (expiring.deadline <= now) {
        this.#watched.delete(expiring)
        expiring.expire()
      } else {
        earliest = Math.min(earliest, expiring.deadline)
      }
    }
    if (earliest < this.#timerAt) this.#setTimer(earliest)
  }
}
