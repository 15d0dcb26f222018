/**
 * The items of a worker for which nobody waits any more, in memory that both sides see at any time,
 * whatever the other one is doing. The server writes, the worker looks.
 *
 * An entry is the lower half of an item's id; 0 is none. Before an id's lower half comes again, the
 * item is done and its entry is gone.
 */
export class AbandonedTable {
  readonly #words: Int32Array

  /** @param words - How often the table was added to, and its entries. */
  constructor(words: Int32Array) {
    this.#words = words
  }

  /** Changes whenever an item is added. */
  get generation(): number {
    return Atomics.load(this.#words, 0)
  }

  /** Adds an item, unless there is no room for it. */
  add(id: number): void {
    const free = this.#find(0)
    if (free === 0) return
    Atomics.store(this.#words, free, lowerHalf(id))
    Atomics.add(this.#words, 0, 1)
  }

  /** An item is done. */
  delete(id: number): void {
    const index = this.#find(lowerHalf(id))
    if (index > 0) Atomics.store(this.#words, index, 0)
  }

  has(id: number): boolean {
    return lowerHalf(id) !== 0 && this.#find(lowerHalf(id)) > 0
  }

  /** Where an entry is; 0 when it is nowhere. */
  #find(entry: number): number {
    for (let index = 1; index < this.#words.length; index++) {
      if (Atomics.load(this.#words, index) === entry) return index
    }
    return 0
  }
}

function lowerHalf(id: number): number {
  return id | 0
}
