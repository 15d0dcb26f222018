import type { Payload } from '../channel/payload.ts'
import type { Submission } from '../pending-call.ts'
import type { PlaceSource } from '../turn-line.ts'

/** What gives up waiting for an outcome. */
export interface Submitted {
  /** When its time began, on the clock of `performance.now()`. */
  readonly startedAt: number
  leave(reason: unknown): void
}

/** What all entries of a stream have in common. */
export interface StreamEntryOwner {
  /** How long each may take, in milliseconds. */
  readonly timeoutMs: number
  readonly priority: number
  readonly source: PlaceSource
  /** The outcome of an entry is known. */
  onSettled(entry: StreamEntry): void
}

/** One input of a stream, from when it is read until its outcome is taken. */
export class StreamEntry implements Submission {
  /** What was read. */
  readonly x: unknown
  /** What is sent: what was read, or what the preprocessor has made of it. */
  input: unknown
  /** When it was read, if it is sent later. */
  startedAt: number | undefined
  /** What became of it. */
  state: 'open' | 'fulfilled' | 'rejected' = 'open'
  /** Its result, or what was thrown. */
  value: unknown
  /** Itself in the server, while it is there. */
  submitted: Submitted | undefined
  readonly #owner: StreamEntryOwner

  constructor(x: unknown, owner: StreamEntryOwner) {
    this.x = x
    this.input = x
    this.startedAt = undefined
    this.value = undefined
    this.submitted = undefined
    this.#owner = owner
  }

  get timeoutMs(): number {
    return this.#owner.timeoutMs
  }

  get priority(): number {
    return this.#owner.priority
  }

  get source(): PlaceSource {
    return this.#owner.source
  }

  /** The stream's own is the stream's business. */
  get signal(): undefined {
    return undefined
  }

  onOutcome(outcome: Payload): void {
    let state: 'fulfilled' | 'rejected' = outcome.isException ? 'rejected' : 'fulfilled'
    let value: unknown
    try {
      value = outcome.value()
    } catch (error) {
      state = 'rejected'
      value = error
    }
    this.settle(state, value)
  }

  /** Only the first outcome counts. */
  settle(state: 'fulfilled' | 'rejected', value: unknown): void {
    if (this.state !== 'open') return
    this.state = state
    this.value = value
    // It may wait for long until it is taken.
    this.input = undefined
    this.submitted = undefined
    this.#owner.onSettled(this)
  }
}
