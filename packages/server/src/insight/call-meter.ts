import type { CallEnd } from '../pending-call.ts'
import { Histogram } from './histogram.ts'
import { Sampler } from './sampler.ts'
import { summarizeTimes, type TimeSummary } from './summary.ts'

/** What became of the calls of a server, those of streams included. */
export interface CallCounts {
  /** Taken in: all of the following but `rejected`, and those in progress or waiting for a place. */
  readonly submitted: number
  /** Answered with a result. */
  readonly succeeded: number
  /** Answered with an error: of a worker, its death, or a value that cannot be carried. */
  readonly failed: number
  /** Whose time was up. */
  readonly timedOut: number
  /** Whose caller has left: by its signal, or because a stream was left. */
  readonly aborted: number
  /** Without an answer when the server was closed, killed or failed. */
  readonly ended: number
  /** Refused with `ServerBacklogFullError`; these are not among those submitted. */
  readonly rejected: number
}

/** Calls that take less are measured one for several, in milliseconds. */
const quickMs = 2

/** Counts what becomes of the calls of a server. */
export class CallMeter {
  readonly #times = new Histogram()
  readonly #sampler = new Sampler()
  #answered = 0
  #failed = 0
  #timedOut = 0
  #aborted = 0
  #ended = 0
  #rejected = 0

  /** A call was answered, so long after its time began. */
  noteAnswered(isError: boolean, tookMs: number): void {
    this.#answered++
    if (isError) this.#failed++
    const weight = this.#sampler.weigh(tookMs < quickMs)
    if (weight > 0) this.#times.record(tookMs, weight)
  }

  /** A call has gone without an answer. */
  noteLeft(end: Exclude<CallEnd, 'answered'>): void {
    if (end === 'timed-out') this.#timedOut++
    else if (end === 'aborted') this.#aborted++
    else this.#ended++
  }

  /** A call was refused for want of a place. */
  noteRejected(): void {
    this.#rejected++
  }

  /** @param pending - How many calls have not settled. */
  counts(pending: number): CallCounts {
    const answered = this.#answered
    const left = this.#timedOut + this.#aborted + this.#ended
    return {
      submitted: answered + left + pending,
      succeeded: answered - this.#failed,
      failed: this.#failed,
      timedOut: this.#timedOut,
      aborted: this.#aborted,
      ended: this.#ended,
      rejected: this.#rejected,
    }
  }

  /** How long calls took until they were answered. */
  totalMs(): TimeSummary {
    return summarizeTimes(this.#times)
  }
}
