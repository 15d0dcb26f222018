import { Fifo } from './fifo.ts'
import type { PendingCall } from './pending-call.ts'
import type { Line } from './priority-queue.ts'

/** Who wants places: one stream, or all calls of one priority together. */
export class PlaceSource {
  /** Its items that wait for a place. */
  readonly waiting: Fifo<PendingCall> = new Fifo()
}

/**
 * Those who wait for places with the same priority. Each source has its turn, and its own items go in
 * order: so a call waits for one item of each stream at most, and streams get equal shares.
 */
export class TurnLine implements Line<PendingCall> {
  readonly #admitsStreams: () => boolean
  readonly #calls = new PlaceSource()
  /** The sources with waiting items, in the order of their turns. */
  readonly #turns = new Fifo<PlaceSource>()
  #length = 0

  /** @param admitsStreams - Whether a stream may have the next place; otherwise only calls are given. */
  constructor(admitsStreams: () => boolean) {
    this.#admitsStreams = admitsStreams
  }

  get length(): number {
    return this.#length
  }

  push(call: PendingCall): void {
    const source = call.source ?? this.#calls
    if (source.waiting.length === 0) this.#turns.push(source)
    source.waiting.push(call)
    this.#length++
  }

  peek(): PendingCall | undefined {
    return this.#nextSource().waiting.peek()
  }

  shift(): PendingCall | undefined {
    const source = this.#nextSource()
    const call = source.waiting.shift()
    if (call === undefined) return undefined
    this.#length--
    const isLast = source.waiting.length === 0
    if (isLast || this.#turns.length > 1) {
      this.#turns.take((each) => each === source)
      if (!isLast) this.#turns.push(source)
    }
    return call
  }

  keep(isWanted: (call: PendingCall) => boolean): PendingCall[] {
    const sources = this.#turns.keep(() => false)
    const removed = sources.flatMap(({ waiting }) => waiting.keep(isWanted))
    for (const source of sources) if (source.waiting.length > 0) this.#turns.push(source)
    this.#length -= removed.length
    return removed
  }

  #nextSource(): PlaceSource {
    return (this.#admitsStreams() ? this.#turns.peek() : undefined) ?? this.#calls
  }
}
