import { DeadlineWatch } from './deadline-watch.ts'
import type { PendingCall } from './pending-call.ts'

/**
 * All calls of a server whose callers wait, in order, and the watch on their deadlines. They are linked
 * with each other: nothing is allocated for a call that comes and goes.
 */
export class PendingCalls {
  readonly #deadlines: DeadlineWatch
  #first: PendingCall | undefined
  #last: PendingCall | undefined
  #count = 0

  /** @param look - Takes in the answers that have arrived. */
  constructor(look: () => void) {
    this.#deadlines = new DeadlineWatch((until) => this.#expireDue(until), look)
  }

  get count(): number {
    return this.#count
  }

  add(call: PendingCall): void {
    call.previous = this.#last
    if (this.#last === undefined) this.#first = call
    else this.#last.next = call
    this.#last = call
    this.#count++
    this.#deadlines.watch(call.deadline)
  }

  /** Only for a call that was added and not deleted. */
  delete(call: PendingCall): void {
    const { previous, next } = call
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    call.previous = undefined
    call.next = undefined
    if (--this.#count === 0) this.#deadlines.rest()
  }

  /** All calls that are pending now; each may settle while it is looked at. */
  all(): PendingCall[] {
    const calls: PendingCall[] = []
    for (let call = this.#first; call !== undefined; call = call.next) calls.push(call)
    return calls
  }

  /** Lets the calls go whose time is up; gives the earliest deadline of the others. */
  #expireDue(until: number): number {
    let earliest = Infinity
    for (const call of this.all()) {
      if (call.isSettled) continue
      if (call.deadline <= until) call.expire()
      else earliest = Math.min(earliest, call.deadline)
    }
    return earliest
  }
}
