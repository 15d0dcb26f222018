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

/** What a flight knows of its call: when its time began and when it ends, as of `performance.now()`. */
interface FlightCall {
  readonly startedAt: number
  readonly deadline: number
  /** From -128 to 127; a higher one is sooner. */
  readonly priority: number
}

/** One item in a server, from its admission until the last stage has let go of it. */
export class Flight implements Branch {
  /** Never used again in this server. */
  readonly id: number
  /**
   * When it last got anywhere, on the clock of `performance.now()`: into the server, or out of a stage.
   * Whoever needs to know the time on its way takes it from here, since asking the clock costs.
   */
  movedAt: number
  readonly #call: FlightCall
  readonly #events: FlightEvents
  #isCancelled = false
  #holders = 0

  constructor(id: number, call: FlightCall, events: FlightEvents) {
    this.id = id
    this.#call = call
    this.movedAt = call.startedAt
    this.#events = events
  }

  /** From -128 to 127; a higher one is sooner. */
  get priority(): number {
    return this.#call.priority
  }

  /** When its caller's time is up, on the clock of `performance.now()`. */
  get deadline(): number {
    return this.#call.deadline
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
