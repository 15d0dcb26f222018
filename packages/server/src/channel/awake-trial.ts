/** After so many failures in a row, trials do not get rarer. */
const mostMisses = 8

/**
 * Says whether one side shall wait for the other one awake, from how that went before. Where
 * processors are short, whoever waits awake keeps the other one from running; so each failure in a
 * row doubles how often the next chances are let pass.
 */
export class AwakeTrial {
  #misses = 0
  #toPass = 0

  /** Whether to wait awake this time; then `hit` or `miss` says how it went. */
  isDue(): boolean {
    if (this.#toPass === 0) return true
    this.#toPass--
    return false
  }

  /** The other side came soon. */
  hit(): void {
    this.#misses = 0
  }

  /** It did not. */
  miss(): void {
    if (this.#misses < mostMisses) this.#misses++
    this.#toPass = 2 ** this.#misses
  }
}
