/** How long a chunk should keep a worker busy, in milliseconds. */
const chunkMs = 0.2
/** How many items a chunk has at most. */
const maxChunkItems = 16
/** Up to this service time a worker gets the next chunk ahead, in milliseconds. */
const prefetchBelowMs = 5
/** The weight of the newest item in the average service time. */
const newestWeight = 0.2

/** How many bytes make a chunk complete, however few items they are. */
export const maxChunkBytes: number = 256 * 1024

/**
 * Decides how many items go to a worker at once, from how long items take.
 *
 * Quick items share the cost of waking a worker. Slow ones go one by one, so that no worker holds
 * what another could do.
 */
export class ChunkPolicy {
  #serviceMs: number | undefined

  /** Notes how long an item took, in milliseconds. */
  record(tookMs: number): void {
    this.#serviceMs =
      this.#serviceMs === undefined
        ? tookMs
        : this.#serviceMs + newestWeight * (tookMs - this.#serviceMs)
  }

  /** How many items the next chunk has at most. */
  get chunkItems(): number {
    if (this.#serviceMs === undefined) return 1
    return Math.min(maxChunkItems, Math.max(1, Math.floor(chunkMs / this.#serviceMs)))
  }

  /** How many chunks a worker may hold: the one it works on, and perhaps the next. */
  get chunksAhead(): number {
    return this.#serviceMs !== undefined && this.#serviceMs < prefetchBelowMs ? 2 : 1
  }
}
