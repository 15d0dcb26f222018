import { performance } from 'node:perf_hooks'
import { TimeoutError } from '@mpservice/contract'
import { checkTimeoutMs } from '@mpservice/process'
import { exceptionPayload, type Payload } from './channel/payload.ts'
import { onAbort } from './on-abort.ts'
import type { Flight } from './stage/flight.ts'
import type { PlaceSource } from './turn-line.ts'

/** A call as it is submitted. */
export interface Submission {
  readonly input: unknown
  readonly timeoutMs: number
  /** A whole number from -128 to 127. */
  readonly priority: number
  /** The stream that it is from, if it is from one. */
  readonly source: PlaceSource | undefined
  readonly signal: AbortSignal | undefined
  /** When its time began, on the clock of `performance.now()`, if that was before it is submitted. */
  readonly startedAt?: number | undefined
  /** Called once, with the answer or with the error that stands for it; valid until it returns. */
  onOutcome(outcome: Payload): void
}

/**
 * How a call ended: it was answered, or its time was up, its caller has left, or its server has ended
 * first.
 */
export type CallEnd = 'answered' | 'timed-out' | 'aborted' | 'ended'

/** Where a call is pending. */
export interface PendingPlace {
  /** Called once, right before its caller gets the outcome. */
  onSettled(call: PendingCall, end: CallEnd, outcome: Payload): void
}

/** A call from when it is made until its caller knows the outcome. */
export class PendingCall {
  /** When its time began, on the clock of `performance.now()`. */
  readonly startedAt: number
  /** The item in the server, once it has a place. */
  flight: Flight | undefined
  /** Its neighbours in `PendingCalls`. */
  previous: PendingCall | undefined
  next: PendingCall | undefined
  readonly #place: PendingPlace
  readonly #submission: Submission
  readonly #stopListening: (() => void) | undefined
  #isSettled = false

  /** @throws {RangeError} When the time-out is negative or no number. */
  constructor(submission: Submission, place: PendingPlace) {
    const { timeoutMs, signal } = submission
    checkTimeoutMs(timeoutMs)
    this.#submission = submission
    this.#place = place
    this.startedAt = submission.startedAt ?? performance.now()
    this.flight = undefined
    this.previous = undefined
    this.next = undefined
    if (signal !== undefined) {
      this.#stopListening = onAbort(signal, () => this.leave(signal.reason))
    }
  }

  get input(): unknown {
    return this.#submission.input
  }

  get priority(): number {
    return this.#submission.priority
  }

  get source(): PlaceSource | undefined {
    return this.#submission.source
  }

  /** When its time ends, on the clock of `performance.now()`. */
  get deadline(): number {
    return this.startedAt + this.timeoutMs
  }

  get timeoutMs(): number {
    return this.#submission.timeoutMs
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** The answer is known; ignored when the caller has left. */
  answer(outcome: Payload): void {
    this.#settle(outcome, 'answered')
  }

  /** The caller goes without an answer. */
  leave(reason: unknown, end: Exclude<CallEnd, 'answered'> = 'aborted'): void {
    this.#settle(exceptionPayload(reason), end)
  }

  /** The caller's time is up. */
  expire(): void {
    this.leave(
      new TimeoutError({
        phase: this.flight === undefined ? 'enqueue' : 'total',
        elapsedMs: performance.now() - this.startedAt,
        timeoutMs: this.timeoutMs,
      }),
      'timed-out',
    )
  }

  #settle(outcome: Payload, end: CallEnd): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#stopListening?.()
    this.#place.onSettled(this, end, outcome)
    this.#submission.onOutcome(outcome)
  }
}
