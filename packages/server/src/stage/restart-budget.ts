/** How many deaths at start or while idle are too many, and within how many milliseconds. */
const maxDeaths = 5
const windowMs = 30_000
/** The wait before the second restart; it doubles with each further one, up to the longest. */
const firstDelayMs = 100
const longestDelayMs = 5_000

/**
 * Limits how often a worker that dies at its start, or before it has served an item, is replaced.
 * Later deaths are not counted: there is progress between them.
 */
export class RestartBudget {
  /** Deaths that are longer ago are not counted; in milliseconds. */
  readonly windowMs: number = windowMs
  #deaths: number[] = []

  /** How many deaths were counted at the last one. */
  get deaths(): number {
    return this.#deaths.length
  }

  /**
   * Notes a death.
   *
   * @returns How long to wait before the next start, in milliseconds, or `'spent'`: the sixth death
   *   within 30 s.
   */
  spend(): number | 'spent' {
    const now = performance.now()
    this.#deaths = [...this.#deaths.filter((time) => now - time < windowMs), now]
    const count = this.#deaths.length
    if (count > maxDeaths) return 'spent'
    if (count === 1) return 0
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (count - 2))
    // Workers that died together should not all come back at once.
    return delayMs * (1 + Math.random() / 4)
  }
}
