/** The length of the recent past, in milliseconds. */
const recentMs = 10_000
/** Readings that are closer together than this are not kept, in milliseconds. */
const apartMs = 1_000

interface Reading {
  readonly at: number
  /** How long workers have been busy until then, all together, and could have been, in milliseconds. */
  readonly busyMs: number
  readonly possibleMs: number
}

/** Shares of 0 to 1; `null` where there is no limit that they could be shares of. */
export interface Utilisation {
  /** Over the life of the stage. */
  readonly utilisation: number | null
  /** Over the last 10 s, or since the last reading before that. */
  readonly recentUtilisation: number | null
}

/**
 * Says which share of the time workers were busy.
 *
 * It needs no timer: each reading is compared with an earlier one. Who reads seldom gets the mean of a
 * longer time; several who read do not disturb each other.
 */
export class UtilisationMeter {
  #lanes = 0
  /** What the lanes could have done until they last changed, in milliseconds. */
  #possibleMs = 0
  #changedAt = 0
  readonly #readings: Reading[] = []

  /**
   * From now on so many items, or batches, can be worked on at the same time.
   *
   * @param now - On the clock of `performance.now()`, as everywhere here.
   */
  setLanes(lanes: number, now: number): void {
    this.#possibleMs = this.#possibleUntil(now)
    this.#changedAt = now
    this.#lanes = lanes
    if (this.#readings.length === 0) this.#readings.push({ at: now, busyMs: 0, possibleMs: 0 })
  }

  /** @param busyMs - How long workers have been busy so far, all together, in milliseconds. */
  read(busyMs: number, now: number): Utilisation {
    if (this.#lanes === Infinity) return { utilisation: null, recentUtilisation: null }
    const reading = { at: now, busyMs, possibleMs: this.#possibleUntil(now) }
    const readings = this.#readings
    while ((readings[1]?.at ?? Infinity) <= now - recentMs) readings.shift()
    const from = readings[0] ?? reading
    if (now - (readings.at(-1)?.at ?? 0) >= apartMs) readings.push(reading)
    return {
      utilisation: shareOf(busyMs, reading.possibleMs),
      recentUtilisation: shareOf(busyMs - from.busyMs, reading.possibleMs - from.possibleMs),
    }
  }

  #possibleUntil(now: number): number {
    return this.#possibleMs + (this.#lanes === 0 ? 0 : this.#lanes * (now - this.#changedAt))
  }
}

/** What is still being worked on is estimated: it may seem a little more than it turns out to be. */
function shareOf(busyMs: number, possibleMs: number): number {
  return possibleMs > 0 ? Math.min(1, Math.max(0, busyMs / possibleMs)) : 0
}
