import { TimeoutError } from '@mpservice/contract'
import { DeadlineWatch } from '../deadline-watch.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import type { StreamEntry } from './stream-entry.ts'

/** What a stream does with its inputs before they are sent. */
export type Preprocessor = (x: unknown) => unknown

/** Entries whose preprocessors have not finished; their time counts as well. */
export class Preprocessing {
  readonly #preprocess: Preprocessor
  /** In the order of their deadlines. */
  readonly #entries = new Set<StreamEntry>()
  readonly #deadlines = new DeadlineWatch((until) => this.#expireDue(until))

  constructor(preprocess: Preprocessor) {
    this.#preprocess = preprocess
  }

  /** Makes the input of an entry and calls `send`, at once or later; or the entry has failed. */
  begin(entry: StreamEntry, send: (entry: StreamEntry) => void): void {
    try {
      const made = this.#preprocess(entry.x)
      if (!isPromiseLike(made)) {
        entry.input = made
        send(entry)
        return
      }
      entry.startedAt = performance.now()
      this.#entries.add(entry)
      this.#deadlines.watch(entry.startedAt + entry.timeoutMs)
      Promise.resolve(made).then(
        (input) => {
          if (!this.#remove(entry)) return
          entry.input = input
          send(entry)
        },
        (error: unknown) => {
          if (this.#remove(entry)) entry.settle('rejected', error)
        },
      )
    } catch (error) {
      entry.settle('rejected', error)
    }
  }

  /** What the preprocessors still give or throw is nobody's. */
  clear(): void {
    this.#entries.clear()
    this.#deadlines.stop()
  }

  #remove(entry: StreamEntry): boolean {
    const isThere = this.#entries.delete(entry)
    if (this.#entries.size === 0) this.#deadlines.rest()
    return isThere
  }

  #expireDue(until: number): number {
    for (const entry of this.#entries) {
      const { startedAt = until, timeoutMs } = entry
      if (startedAt + timeoutMs > until) return startedAt + timeoutMs
      this.#remove(entry)
      const elapsedMs = performance.now() - startedAt
      entry.settle('rejected', new TimeoutError({ phase: 'preprocess', elapsedMs, timeoutMs }))
    }
    return Infinity
  }
}
