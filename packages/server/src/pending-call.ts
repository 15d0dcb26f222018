import { TimeoutError } from '@mpservice/contract'
import { checkTimeoutMs } from '@mpservice/process'
import type { Expiring } from './deadline-watch.ts'
import type { Flight } from './flight.ts'
import { exceptionPayload, type Payload } from './payload.ts'

/** What a pending call needs of its server. */
export interface PendingCallOptions {
  readonly input: unknown
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Called once, with the answer or with the error that stands for it. */
  readonly onOutcome: (outcome: Payload) => void
  /** Called once, right before `onOutcome`; says whether the call left before it had its answer. */
  readonly onSettled: (call: PendingCall, hasLeft: boolean) => void
}

/** A call from when it is made until its caller knows the outcome. */
export class PendingCall implements Expiring {
  readonly input: unknown
  readonly deadline: number
  /** The item in the server, once it has a place. */
  flight: Flight | undefined
  readonly #options: PendingCallOptions
  readonly #startedAt = performance.now()
  readonly #onAbort: (() => void) | undefined
  #isSettled = false

  constructor(options: PendingCallOptions) {
    const { input, timeoutMs, signal } = options
    checkTimeoutMs(timeoutMs)
    this.#options = options
    this.input = input
    this.deadline = this.#startedAt + timeoutMs
    if (signal !== undefined) {
      this.#onAbort = () => this.leave(signal.reason)
      signal.addEventListener('abort', this.#onAbort, { once: true })
    }
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** The answer is known; ignored when the caller has left. */
  answer(outcome: Payload): void {
    this.#settle(outcome, false)
  }

  /** The caller goes without an answer. */
  leave(reason: unknown): void {
    this.#settle(exceptionPayload(reason), true)
  }

  expire(): void {
    this.leave(
      new TimeoutError({
        phase: this.flight === undefined ? 'enqueue' : 'total',
        elapsedMs: performance.now() - this.#startedAt,
        timeoutMs: this.#options.timeoutMs,
      }),
    )
  }

  #settle(outcome: Payload, hasLeft: boolean): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { signal, onSettled, onOutcome } = this.#options
    if (this.#onAbort !== undefined) signal?.removeEventListener('abort', this.#onAbort)
    onSettled(this, hasLeft)
    onOutcome(outcome)
  }
}
