/** For how long a worker should have enough to do, in milliseconds. */
const aheadMs = 0.4
/** How many items a worker holds at most. */
const maxAhead = 128
/** Up to this service time a worker gets its next item ahead, in milliseconds. */
const prefetchBelowMs = 5
/** Work that takes no longer than waking another worker for it would, in milliseconds. */
const wakeUpMs = 0.05
/** The same for quick items, for which waking takes the server longer than all else. */
const quickWakeUpMs = 0.2
/** Up to this service time items are quick: it pays to wait for them awake, in milliseconds. */
const quickItemMs = 0.05
/** The same for batches. */
export const quickBatchMs: number = 0.2
/** Workers ring at once for items that take longer than this, in milliseconds. */
const silentBelowMs = 0.5
/**
 * The weight of the newest item in the average service time, when it was quicker and when it was
 * slower: items seem slow when their worker had to wait for a processor.
 */
const quickerWeight = 0.2
const slowerWeight = 0.05

/**
 * Decides how many items go to a worker at once, from how long items take. Where items go in batches,
 * a batch counts as one.
 *
 * Quick items share the cost of waking a worker. Slow ones go one by one, so that no worker holds
 * what another could do.
 */
export class ChunkPolicy {
  /** How many items a worker works on at the same time. */
  readonly #concurrency: number
  readonly #quickBelowMs: number
  #serviceMs: number | undefined
  #ahead: number
  #together = 1

  constructor(concurrency: number, quickBelowMs: number = quickItemMs) {
    this.#concurrency = concurrency
    this.#quickBelowMs = quickBelowMs
    this.#ahead = concurrency
  }

  /** Notes how long an item took, in milliseconds. */
  record(tookMs: number): void {
    const perItemMs = tookMs / this.#concurrency
    const average = this.#serviceMs ?? perItemMs
    const weight = perItemMs < average ? quickerWeight : slowerWeight
    const serviceMs = average + weight * (perItemMs - average)
    this.#serviceMs = serviceMs
    const ahead = clamp(aheadMs / serviceMs, serviceMs < prefetchBelowMs ? 2 : 1)
    this.#ahead = ahead + this.#concurrency - 1
    this.#together = clamp((this.isQuick ? quickWakeUpMs : wakeUpMs) / serviceMs, 1)
  }

  /** How many items a worker may hold: the one it works on, and what comes next. */
  get itemsAhead(): number {
    return this.#ahead
  }

  /** How many items a worker may hold before an idle one is woken for the next. */
  get itemsTogether(): number {
    return this.#together
  }

  /** Whether items are so quick that a worker may have outcomes for which it has not rung yet. */
  get isSilent(): boolean {
    return this.#serviceMs !== undefined && this.#serviceMs < silentBelowMs
  }

  /** Whether items are so quick that it pays to wait for one awake. */
  get isQuick(): boolean {
    return this.#serviceMs !== undefined && this.#serviceMs < this.#quickBelowMs
  }
}

function clamp(items: number, least: number): number {
  return Math.min(maxAhead, Math.max(least, Math.floor(items)))
}
