import type { StreamInput } from '@mpservice/contract'
import type { Payload } from './channel/payload.ts'
import { Fifo } from './fifo.ts'
import { isPromiseLike } from './is-promise-like.ts'

/** After so long without a turn of the event loop, a stream lets it have one; in milliseconds. */
const longestTurnMs = 10

/** An item that was given to the server. */
export interface Submitted {
  /** Gives up waiting for its outcome. */
  leave(reason: unknown): void
}

/** An input and what came of it. */
export interface StreamEntry<Input> {
  readonly input: Input
  readonly outcome: StreamOutcome
}

/** The result of an item, or what it threw. */
export interface StreamOutcome {
  readonly isException: boolean
  readonly value: unknown
}

interface OpenEntry<Input> {
  readonly input: Input
  outcome: StreamOutcome | undefined
  submitted: Submitted | undefined
}

/**
 * What is between the reader of a stream and its inputs: items in progress and results that wait to
 * be taken, in order, never more than `size` of them together.
 *
 * Nothing is read before the reader asks for the first result.
 */
export class StreamWindow<Input> {
  readonly #submit: (input: Input, onOutcome: (outcome: Payload) => void) => Submitted
  readonly #size: number
  readonly #inputs: StreamInput<Input>
  readonly #entries = new Fifo<OpenEntry<Input>>()
  #iterator: Iterator<Input> | AsyncIterator<Input> | undefined
  #end: { readonly kind: 'done' } | { readonly kind: 'threw'; readonly error: unknown } | undefined
  #stopped: { readonly reason: unknown } | undefined
  #isReading = false
  #wake: (() => void) | undefined
  #breatheAt = 0

  constructor(
    submit: (input: Input, onOutcome: (outcome: Payload) => void) => Submitted,
    size: number,
    inputs: StreamInput<Input>,
  ) {
    this.#submit = submit
    this.#size = size
    this.#inputs = inputs
  }

  /**
   * The next input with its outcome, or `undefined` at the end.
   *
   * @throws What the inputs threw, after the results of those before it; or the reason of `stop`.
   */
  async next(): Promise<StreamEntry<Input> | undefined> {
    await this.#breathe()
    for (;;) {
      if (this.#stopped !== undefined) throw this.#stopped.reason
      void this.#read()
      const head = this.#entries.peek()
      if (head?.outcome !== undefined) {
        this.#entries.shift()
        return { input: head.input, outcome: head.outcome }
      }
      if (head === undefined && this.#end !== undefined) {
        if (this.#end.kind === 'done') return undefined
        throw this.#end.error
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Items that end at once would otherwise keep timers and sockets of this process waiting. */
  async #breathe(): Promise<void> {
    if (performance.now() < this.#breatheAt) return
    await new Promise((resolve) => setImmediate(resolve))
    this.#breatheAt = performance.now() + longestTurnMs
  }

  /** Makes a waiting `next` throw the reason. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    this.#wake?.()
  }

  /**
   * Drops what is in progress and ends the inputs.
   *
   * @throws What the inputs throw at their end, unless the stream is failing already.
   */
  async close(isFailing: boolean): Promise<void> {
    const reason = new Error('the stream was left')
    this.stop(reason)
    for (const entry of this.#entries.keep(() => false)) entry.submitted?.leave(reason)
    if (this.#end !== undefined) return
    const returned = this.#returnInputs()
    // Inputs that are being waited for may never come: ending them is all that can be done then.
    if (this.#isReading) returned.catch(() => undefined)
    else if (isFailing) await returned.catch(() => undefined)
    else await returned
  }

  async #returnInputs(): Promise<void> {
    await this.#iterator?.return?.()
  }

  async #read(): Promise<void> {
    if (this.#isReading || this.#end !== undefined) return
    this.#isReading = true
    try {
      this.#iterator ??= iteratorOf(this.#inputs)
      while (this.#entries.length < this.#size && this.#stopped === undefined) {
        const step = this.#iterator.next()
        const { done, value } = isPromiseLike(step) ? await step : step
        if (done === true) {
          this.#end = { kind: 'done' }
          break
        }
        if (this.#stopped === undefined) this.#add(value)
      }
    } catch (error) {
      this.#end = { kind: 'threw', error }
    } finally {
      this.#isReading = false
      this.#wake?.()
    }
  }

  #add(input: Input): void {
    const entry: OpenEntry<Input> = { input, outcome: undefined, submitted: undefined }
    // Before it is an entry: what cannot be submitted ends the stream.
    entry.submitted = this.#submit(input, (outcome) => {
      entry.outcome = decodeOutcome(outcome)
      if (this.#entries.peek() === entry) this.#wake?.()
    })
    this.#entries.push(entry)
    if (entry.outcome !== undefined) this.#wake?.()
  }
}

function decodeOutcome(outcome: Payload): StreamOutcome {
  try {
    return { isException: outcome.isException, value: outcome.value() }
  } catch (error) {
    return { isException: true, value: error }
  }
}

function iteratorOf<Input>(inputs: StreamInput<Input>): Iterator<Input> | AsyncIterator<Input> {
  if (typeof inputs === 'object' && inputs !== null && Symbol.asyncIterator in inputs) {
    return inputs[Symbol.asyncIterator]()
  }
  if (typeof Reflect.get(Object(inputs), Symbol.iterator) !== 'function') {
    throw new TypeError('a stream reads from an iterable, an async iterable or a ReadableStream')
  }
  return inputs[Symbol.iterator]()
}
