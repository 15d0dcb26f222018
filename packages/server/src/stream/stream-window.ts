import type { StreamInput } from '@mpservice/contract'
import type { CallTarget } from '../call-through.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { PlaceSource } from '../turn-line.ts'
import { openInputs } from './open-inputs.ts'
import { Preprocessing, type Preprocessor } from './preprocessing.ts'
import { StreamEntry, type StreamEntryOwner } from './stream-entry.ts'
import { FinishOrder, InputOrder, type StreamOrder } from './stream-order.ts'

/** What the items of a window are given to. */
export interface WindowTarget extends CallTarget {
  /** How many items it takes at a time, which is the size of the window. This may change. */
  readonly capacity: number
}

/** What a window is between. */
export interface StreamWindowPlan {
  readonly inputs: StreamInput<unknown>
  readonly target: WindowTarget
  readonly isOrdered: boolean
  /** How long each item may take, in milliseconds. */
  readonly timeoutMs: number
  readonly priority: number
  readonly preprocess: Preprocessor | undefined
  /** There may be an entry to take, or an end. */
  onProgress(): void
}

/** Why no more inputs are read. */
export type StreamEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'threw'; readonly error: unknown }

/**
 * What is between the reader of a stream and its inputs: items in progress and results that wait to
 * be taken, never more than the capacity of the target together.
 */
export class StreamWindow implements StreamEntryOwner {
  readonly timeoutMs: number
  readonly priority: number
  readonly source: PlaceSource = new PlaceSource()
  readonly #plan: StreamWindowPlan
  readonly #order: StreamOrder
  readonly #preprocessing: Preprocessing | undefined
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined
  #end: StreamEnd | undefined
  #isReading = false
  #isClosed = false
  #sentAt = 0
  readonly #send = (entry: StreamEntry): void => {
    try {
      this.#plan.target.checkOpen()
      this.#submit(entry)
    } catch (error) {
      entry.settle('rejected', error)
    }
  }

  constructor(plan: StreamWindowPlan) {
    this.timeoutMs = plan.timeoutMs
    this.priority = plan.priority
    this.#plan = plan
    this.#order = plan.isOrdered ? new InputOrder() : new FinishOrder()
    this.#preprocessing = plan.preprocess && new Preprocessing(plan.preprocess)
  }

  /** How the stream ended; only when all entries were taken. */
  get end(): StreamEnd | undefined {
    return this.#order.count === 0 ? this.#end : undefined
  }

  /** Takes the next entry whose outcome is known, if there is one. */
  take(): StreamEntry | undefined {
    return this.#order.take()
  }

  /** What time it is, on the clock of `performance.now()`; an item that was just sent has told it. */
  now(): number {
    const sentAt = this.#sentAt
    this.#sentAt = 0
    return sentAt === 0 ? performance.now() : sentAt
  }

  /** Reads inputs until the window is full; goes on by itself where inputs have to be waited for. */
  fill(): void {
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (this.#hasRoom) {
        this.#iterator ??= openInputs(this.#plan.inputs)
        const step = this.#iterator.next()
        if (isPromiseLike(step)) {
          this.#awaitStep(step)
          return
        }
        this.#accept(step)
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#isReading = false
  }

  /** There is room for more. */
  refill(): void {
    this.fill()
    this.#plan.onProgress()
  }

  /** Nothing more is to be read, also if it is waited for now: the reason ends the stream. */
  stopReading(error: unknown): void {
    if (this.#end !== undefined) return
    this.#end = { kind: 'threw', error }
    this.#plan.onProgress()
  }

  /**
   * Drops what is in progress and ends the inputs.
   *
   * @throws What the inputs throw at their end, unless the stream is failing already.
   */
  async close(isFailing: boolean): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const reason = new Error('the stream was left')
    this.#preprocessing?.clear()
    for (const entry of this.#order.clear()) entry.submitted?.leave(reason)
    const returned = this.#returnInputs()
    // Inputs that are being waited for may never come: ending them is all that can be done then.
    if (this.#isReading) returned.catch(() => undefined)
    else if (isFailing) await returned.catch(() => undefined)
    else await returned
  }

  onSettled(entry: StreamEntry): void {
    if (this.#order.noteSettled(entry) && !this.#isClosed) this.#plan.onProgress()
  }

  get #hasRoom(): boolean {
    return (
      this.#end === undefined && !this.#isClosed && this.#order.count < this.#plan.target.capacity
    )
  }

  #awaitStep(step: PromiseLike<IteratorResult<unknown>>): void {
    const goOn = (act: () => void): void => {
      this.#isReading = false
      if (this.#isClosed || this.#end !== undefined) return
      act()
      this.fill()
      this.#plan.onProgress()
    }
    Promise.resolve(step).then(
      (result) =>
        goOn(() => {
          try {
            this.#accept(result)
          } catch (error) {
            this.#fail(error)
          }
        }),
      (error: unknown) => goOn(() => this.#fail(error)),
    )
  }

  /** @throws {TypeError} When the inputs have given no such step. */
  #accept({ done, value }: IteratorResult<unknown>): void {
    if (done === true) {
      this.#iterator = undefined
      this.#end = { kind: 'done' }
    } else if (!this.#isClosed && this.#isServerOpen()) {
      this.#add(value)
    }
  }

  /** Inputs that have thrown have ended. */
  #fail(error: unknown): void {
    this.#iterator = undefined
    this.#end = { kind: 'threw', error }
  }

  #isServerOpen(): boolean {
    try {
      this.#plan.target.checkOpen()
      return true
    } catch (error) {
      // Not the error of one item, but the end of the stream; its inputs have not ended.
      this.#end = { kind: 'threw', error }
      return false
    }
  }

  #add(x: unknown): void {
    const entry = new StreamEntry(x, this)
    if (this.#preprocessing === undefined) this.#submit(entry)
    else this.#preprocessing.begin(entry, this.#send)
    this.#order.add(entry)
  }

  #submit(entry: StreamEntry): void {
    const submitted = this.#plan.target.submit(entry, true)
    if (entry.state === 'open') entry.submitted = submitted
    this.#sentAt = submitted.startedAt
  }

  async #returnInputs(): Promise<void> {
    await this.#iterator?.return?.()
  }
}
