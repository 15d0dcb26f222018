/** So many quick things are all measured, before it is chosen among them. */
const exactUpTo = 1_000
/** Then one of so many: a prime, so that what comes in twos, eights or hundreds does not fall into step. */
const every = 7

/**
 * Chooses which of many quick things are measured: to measure each of a million a second would cost more
 * than a tenth of what they do. What is slow is always measured.
 */
export class Sampler {
  #exactLeft = exactUpTo
  #untilNext = every

  /** For how many a thing stands that happens now; 0 when it is not measured. */
  weigh(isQuick: boolean): number {
    if (!isQuick) return 1
    if (this.#exactLeft > 0) {
      this.#exactLeft--
      return 1
    }
    if (--this.#untilNext > 0) return 0
    this.#untilNext = every
    return every
  }
}
