import { Fifo } from '../fifo.ts'
import type { StreamEntry } from './stream-entry.ts'

/** The entries of a stream between its inputs and its reader, and in which order they are taken. */
export interface StreamOrder {
  /** How many there are. */
  readonly count: number
  add(entry: StreamEntry): void
  /** Notes that the outcome of an entry is known; gives whether one can be taken now. */
  noteSettled(entry: StreamEntry): boolean
  /** Takes out the next entry whose outcome is known and can be taken. */
  take(): StreamEntry | undefined
  /** Takes out all entries. */
  clear(): StreamEntry[]
}

/** Entries are taken in the order of the inputs. */
export class InputOrder implements StreamOrder {
  readonly #entries = new Fifo<StreamEntry>()

  get count(): number {
    return this.#entries.length
  }

  add(entry: StreamEntry): void {
    this.#entries.push(entry)
  }

  noteSettled(entry: StreamEntry): boolean {
    return this.#entries.peek() === entry
  }

  take(): StreamEntry | undefined {
    const head = this.#entries.peek()
    return head === undefined || head.state === 'open' ? undefined : this.#entries.shift()
  }

  clear(): StreamEntry[] {
    return this.#entries.keep(() => false)
  }
}

/** Entries are taken as their outcomes get known. */
export class FinishOrder implements StreamOrder {
  readonly #open = new Set<StreamEntry>()
  readonly #settled = new Fifo<StreamEntry>()

  get count(): number {
    return this.#open.size + this.#settled.length
  }

  /** Its outcome may be known already. */
  add(entry: StreamEntry): void {
    if (entry.state === 'open') this.#open.add(entry)
    else this.#settled.push(entry)
  }

  noteSettled(entry: StreamEntry): boolean {
    if (!this.#open.delete(entry)) return false
    this.#settled.push(entry)
    return true
  }

  take(): StreamEntry | undefined {
    return this.#settled.shift()
  }

  clear(): StreamEntry[] {
    const entries = [...this.#open, ...this.#settled.keep(() => false)]
    this.#open.clear()
    return entries
  }
}
