import type { Backlog } from './backlog.ts'
import type { PendingCall, Submission } from './pending-call.ts'
import type { StreamTarget } from './stream/stream-through.ts'
import type { StreamWindow } from './stream/stream-window.ts'

/** Where calls and streams come into a server. */
export class Intake implements StreamTarget {
  readonly awaited: Set<StreamWindow> = new Set()
  readonly checkOpen: () => void
  readonly #backlog: Backlog
  #capacity: number

  constructor(backlog: Backlog, checkOpen: () => void) {
    this.#backlog = backlog
    this.checkOpen = checkOpen
    this.#capacity = backlog.capacity
  }

  get capacity(): number {
    return this.#capacity
  }

  submit(submission: Submission, waitsForPlace: boolean): PendingCall {
    return this.#backlog.submit(submission, waitsForPlace)
  }

  /** Also streams that wait for results read further, if they may. */
  resize(capacity: number): void {
    this.#capacity = capacity
    this.#backlog.resize(capacity)
    for (const stream of this.awaited) stream.refill()
  }

  /** Ends the streams that wait for inputs; the others notice with their next input. */
  endStreams(makeReason: () => Error): void {
    for (const stream of this.awaited) stream.stopReading(makeReason())
  }
}
