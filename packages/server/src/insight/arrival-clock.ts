import { performance } from 'node:perf_hooks'

/**
 * When the outcomes came that are being told now: read once for all that come together, since asking
 * for the time takes longer than all else that is done for one of them.
 */
class ArrivalClock {
  /** In an array, a number is not put into an object of its own for whoever asks. */
  readonly #time = new Float64Array(1)

  /** Outcomes have come; gives the time, on the clock of `performance.now()`. */
  read(): number {
    const now = performance.now()
    this.#time[0] = now
    return now
  }

  /** The time that was read last. */
  get time(): number {
    return this.#time[0] ?? 0
  }
}

/** The clock of this thread. */
export const arrivalClock: ArrivalClock = new ArrivalClock()
