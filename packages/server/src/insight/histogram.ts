/** Values below this are counted as if they were this; in milliseconds about 1 µs. */
const least = 2 ** -10
/** Each doubling from `least` to more than a day in milliseconds, in so many equal parts. */
const doublings = 37
const partsBits = 5
const buckets = doublings << partsBits
/** The upper half of a double begins with its exponent, of which 1023 stands for 1. */
const firstBucket = (1023 - 10) << partsBits
const dropBits = 20 - partsBits
/** Values above this are counted as if they were this; in milliseconds a day and a half. */
const most = least * 2 ** doublings

/** A number, and its upper half. Scratch memory: nothing stays in it. */
const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)
const upperHalf = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0

/**
 * Counts values in buckets, of which each is 1/32 of a doubling: quantiles are within 1.6 % of exact
 * ones, in fixed memory (9.5 KB), and recording allocates nothing.
 *
 * For values from 0.001 to 1.3e8, in milliseconds 1 µs to a day; others are counted at the ends.
 */
export class Histogram {
  readonly #counts = new Float64Array(buckets)
  #count = 0
  #sum = 0
  #min = Infinity
  #max = 0

  /**
   * Counts a value; one that is negative, or no number, counts as 0.
   *
   * @param weight - How many values it stands for.
   */
  record(value: number, weight: number = 1): void {
    const counted = value > 0 ? Math.min(value, most) : 0
    const bucket = bucketOf(counted)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + weight
    this.#count += weight
    this.#sum += counted * weight
    if (counted < this.#min) this.#min = counted
    if (counted > this.#max) this.#max = counted
  }

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  /** 0 when nothing was counted. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min
  }

  /** 0 when nothing was counted. */
  get max(): number {
    return this.#max
  }

  /** 0 when nothing was counted. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  /**
   * The value that a share of all values does not exceed: `quantile(0.5)` is the median. 0 when nothing
   * was counted.
   */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count))
    // The last value is known exactly, wherever it would be in its bucket.
    if (rank >= this.#count) return this.#max
    let seen = 0
    for (let bucket = 0; bucket < buckets; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)))
    }
    return this.#max
  }
}

function bucketOf(value: number): number {
  double[0] = value
  const bucket = ((halves[upperHalf] ?? 0) >>> dropBits) - firstBucket
  return bucket < 0 ? 0 : Math.min(bucket, buckets - 1)
}

function middleOf(bucket: number): number {
  const parts = 1 << partsBits
  const part = bucket & (parts - 1)
  return least * 2 ** (bucket >> partsBits) * (1 + (part + 0.5) / parts)
}
