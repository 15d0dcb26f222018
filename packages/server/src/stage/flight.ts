/**
 * One part of an item's way through a server: the whole way, which is the flight itself, or the way
 * through one ensemble.
 *
 * Cancelling a branch cancels what branches off it, not what it branched off from.
 */
export interface Branch {
  /** The item. */
  readonly flight: Flight
  /** Whether nobody waits for the outcome of this branch any more. */
  readonly isCancelled: boolean
  cancel(): void
  fork(): Branch
}

/** What a flight tells the place that it started from. */
export interface FlightEvents {
  /** No stage holds the item any more: its place is free. This may be later than its answer. */
  onLanded(): void
  /** A part of its way was cancelled. */
  onCancel(): void
}

/** One item in a server, from its admission until the last stage has let go of it. */
export class Flight implements Branch {
  /** Never used again in this server. */
  readonly id: number
  /** When its caller's time began and when it is up, on the clock of `performance.now()`. */
  readonly startedAt: number
  readonly deadline: number
  /** From -128 to 127; a higher one is sooner. */
  readonly priority: number
  readonly #events: FlightEvents
  #isCancelled = false
  #holders = 0

  constructor(
    id: number,
    startedAt: number,
    deadline: number,
    priority: number,
    events: FlightEvents,
  ) {
    this.id = id
    this.startedAt = startedAt
    this.deadline = deadline
    this.priority = priority
    this.#events = events
  }

  get flight(): Flight {
    return this
  }

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  cancel(): void {
    this.#isCancelled = true
    this.sweep()
  }

  fork(): Branch {
    return new Fork(this, this)
  }

  /** A part of the item's way is cancelled: what waits in a queue for it can go. */
  sweep(): void {
    this.#events.onCancel()
  }

  /** A stage takes the item in. */
  hold(): void {
    this.#holders++
  }

  /** A stage lets go of the item, after it has passed on the outcome. */
  release(): void {
    if (--this.#holders === 0) this.#events.onLanded()
  }
}

class Fork implements Branch {
  readonly flight: Flight
  readonly #parent: Branch
  #isCancelled = false

  constructor(flight: Flight, parent: Branch) {
    this.flight = flight
    this.#parent = parent
  }

  get isCancelled(): boolean {
    return this.#isCancelled || this.#parent.isCancelled
  }

  cancel(): void {
    this.#isCancelled = true
    this.flight.sweep()
  }

  fork(): Branch {
    return new Fork(this.flight, this)
  }
}
