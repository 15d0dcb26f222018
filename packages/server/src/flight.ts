/**
 * One part of an item's way through a server: the whole way, or the way through one ensemble.
 *
 * Cancelling a branch cancels what branches off it, not what it branched off from.
 */
export class Branch {
  /** The item. */
  readonly flight: Flight
  readonly #parent: Branch | undefined
  #isCancelled = false

  constructor(flight: Flight, parent?: Branch) {
    this.flight = flight
    this.#parent = parent
  }

  /** Whether nobody waits for the outcome of this branch any more. */
  get isCancelled(): boolean {
    return this.#isCancelled || (this.#parent?.isCancelled ?? false)
  }

  cancel(): void {
    this.#isCancelled = true
  }

  fork(): Branch {
    return new Branch(this.flight, this)
  }
}

/** One item in a server, from its admission until the last stage has let go of it. */
export class Flight {
  /** Never used again in this server. */
  readonly id: number
  /** When its caller's time is up, on the clock of `performance.now()`. */
  readonly deadline: number
  /** The way of the item through the whole servlet. */
  readonly branch: Branch
  readonly #onLanded: () => void
  #holders = 0

  /**
   * @param onLanded - Called when no stage holds the item any more; that is when its place is free,
   *   and may be later than its answer.
   */
  constructor(id: number, deadline: number, onLanded: () => void) {
    this.id = id
    this.deadline = deadline
    this.branch = new Branch(this)
    this.#onLanded = onLanded
  }

  /** A stage takes the item in. */
  hold(): void {
    this.#holders++
  }

  /** A stage lets go of the item, after it has passed on the outcome. */
  release(): void {
    if (--this.#holders === 0) this.#onLanded()
  }
}
