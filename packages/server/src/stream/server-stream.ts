import { performance } from 'node:perf_hooks'
import { Fifo } from '../fifo.ts'
import { onAbort } from '../on-abort.ts'
import type { StreamEntry } from './stream-entry.ts'
import type { StreamWindow } from './stream-window.ts'

/** After so long without a turn of the event loop, a stream lets it have one; in milliseconds. */
const longestTurnMs = 10

/** What a stream consists of, once it is read. */
export interface OpenStream<Element> {
  readonly window: StreamWindow
  readonly signal: AbortSignal | undefined
  /** Whether an item that has failed is an element; otherwise it ends the stream. */
  readonly takesFailures: boolean
  /** Somebody waits for an element, or nobody does any more. */
  onWaiting(isWaiting: boolean): void
  /** Makes the element for an item. */
  toElement(entry: StreamEntry): Element
}

/** Somebody who waits for an element. */
interface Request<Element> {
  resolve(result: IteratorResult<Element, void>): void
  reject(reason: unknown): void
}

/**
 * The reader's side of a stream. As with an async generator, nothing happens before the first `next`,
 * and several of them are answered in order; but `return` does not wait for them: it ends the stream
 * at once, and they are told so.
 */
export class ServerStream<Element> implements AsyncGenerator<Element, void, undefined> {
  readonly #open: (onProgress: () => void) => OpenStream<Element>
  readonly #requests = new Fifo<Request<Element>>()
  #stream: OpenStream<Element> | undefined
  /** Settles when everything is released; defined from when the stream has ended. */
  #ending: Promise<void> | undefined
  /** Why the stream has ended, until somebody is told. */
  #failure: { readonly reason: unknown } | undefined
  #breatheAt = 0
  #isBreathing = false
  #stopListening: (() => void) | undefined

  /** @param open - Begins the stream; what it throws the first `next` rejects with. */
  constructor(open: (onProgress: () => void) => OpenStream<Element>) {
    this.#open = open
  }

  next(): Promise<IteratorResult<Element, void>> {
    this.#fill()
    const result = this.#requests.length === 0 ? this.#take() : undefined
    if (result !== undefined) return Promise.resolve(result)
    return new Promise((resolve, reject) => {
      if (this.#ending === undefined) this.#stream?.onWaiting(true)
      this.#requests.push({ resolve, reject })
      if (this.#ending === undefined) this.#serve()
      else void this.#ending.then(() => this.#answerAll())
    })
  }

  /** @throws What the inputs throw at their end. */
  async return(): Promise<IteratorResult<Element, void>> {
    await this.#end(undefined)
    this.#failure = undefined
    return { done: true, value: undefined }
  }

  async throw(reason: unknown): Promise<IteratorResult<Element, void>> {
    await this.#end(undefined).catch(() => undefined)
    this.#failure = undefined
    throw reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #fill(): void {
    if (this.#ending !== undefined) return
    try {
      this.#stream ??= this.#begin()
      this.#stream.window.fill()
    } catch (reason) {
      void this.#end({ reason })
    }
  }

  #begin(): OpenStream<Element> {
    const stream = this.#open(() => this.#serve())
    const { signal } = stream
    if (signal !== undefined) {
      this.#stopListening = onAbort(signal, () => void this.#end({ reason: signal.reason }))
    }
    return stream
  }

  /** Answers requests as long as there are elements. */
  #serve(): void {
    while (this.#requests.length > 0) {
      const result = this.#take()
      if (result === undefined) return
      if (this.#requests.length === 1) this.#stream?.onWaiting(false)
      this.#requests.shift()?.resolve(result)
    }
  }

  /** The next element, if there is one now; the stream may turn out to be at its end. */
  #take(): IteratorResult<Element, void> | undefined {
    if (this.#stream === undefined || this.#ending !== undefined) return undefined
    const { window, takesFailures } = this.#stream
    if (!this.#hasBreath(window.now())) return undefined
    const entry = window.take()
    if (entry === undefined) {
      const { end } = window
      if (end !== undefined)
        void this.#end(end.kind === 'threw' ? { reason: end.error } : undefined)
      return undefined
    }
    if (entry.state === 'fulfilled' || takesFailures) {
      return { done: false, value: this.#stream.toElement(entry) }
    }
    void this.#end({ reason: entry.value })
    return undefined
  }

  /** Items that end at once would otherwise keep timers and sockets of this process waiting. */
  #hasBreath(now: number): boolean {
    if (now < this.#breatheAt) return true
    if (this.#isBreathing) return false
    this.#isBreathing = true
    setImmediate(() => {
      this.#isBreathing = false
      this.#breatheAt = performance.now() + longestTurnMs
      this.#serve()
    })
    return false
  }

  /**
   * Releases everything, and then answers the requests.
   *
   * @throws What the inputs throw at their end, unless the stream fails.
   */
  #end(failure: { readonly reason: unknown } | undefined): Promise<void> {
    if (this.#ending !== undefined) return this.#ending
    const told = failure && this.#requests.shift()
    if (told === undefined) this.#failure = failure
    this.#stream?.onWaiting(false)
    this.#stopListening?.()
    const closed = this.#stream?.window.close(failure !== undefined) ?? Promise.resolve()
    this.#ending = closed
      .catch(() => undefined)
      .then(() => {
        told?.reject(failure?.reason)
        this.#answerAll()
      })
    return closed
  }

  #answerAll(): void {
    for (const request of this.#requests.keep(() => false)) {
      const failure = this.#failure
      this.#failure = undefined
      if (failure === undefined) request.resolve({ done: true, value: undefined })
      else request.reject(failure.reason)
    }
  }
}
