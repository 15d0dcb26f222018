/** How long the work on a chunk should take, in milliseconds. */
const chunkMs = 1
/** The most items of a chunk whose size nobody has set. */
const mostItems = 1024
/** How much larger a chunk may be than those before. */
const growth = 8
/** The weight of the newest chunk in the average time for an item, when it was quicker, or slower. */
const quickerWeight = 0.3
const slowerWeight = 0.6

/** Decides how many items go to a worker at once, from how long items take. */
export class ChunkSizes {
  readonly #fixed: number | undefined
  #itemMs: number | undefined
  #size: number

  /** @param fixed - The size of every chunk; `undefined` to find one. */
  constructor(fixed: number | undefined) {
    this.#fixed = fixed
    this.#size = fixed ?? 1
  }

  /** How many items the next chunk may have. */
  get size(): number {
    return this.#size
  }

  /** Whether the size was set. */
  get isFixed(): boolean {
    return this.#fixed !== undefined
  }

  /** Notes how long so many items took together, in milliseconds. */
  record(items: number, tookMs: number): void {
    if (this.#fixed !== undefined || items === 0) return
    const itemMs = Math.max(tookMs, shortestMs) / items
    const average = this.#itemMs ?? itemMs
    const weight = itemMs < average ? quickerWeight : slowerWeight
    this.#itemMs = average + weight * (itemMs - average)
    const most = Math.min(mostItems, items * growth)
    // Chunks that were smaller come in between, at the end of what can be read at once.
    const grown = Math.max(this.#size, most)
    this.#size = Math.max(1, Math.min(grown, Math.floor(chunkMs / this.#itemMs)))
  }
}

/** What cannot be measured, in milliseconds. */
const shortestMs = 0.001
