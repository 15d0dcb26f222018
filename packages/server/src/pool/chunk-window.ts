import type { StreamInput } from '@mpservice/contract'
import { roughSize } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { openInputs } from '../stream/open-inputs.ts'
import type { ChunkSizes } from './chunk-sizes.ts'

/** How many chunks for each worker may be on their way, or wait to be taken. */
const chunksPerWorker = 3
/** Chunks of items that look larger than this together end earlier, in bytes. */
const mostBytes = 32 * 1024

/** What became of the items of a chunk. */
export interface ChunkOutcome {
  /** The number of its first item, from 0. */
  readonly start: number
  readonly results: readonly unknown[]
  /** What the item after those with results threw, if it did. */
  readonly failure: { readonly error: unknown } | undefined
}

/** What a window works with. */
export interface ChunkWindowOptions<Item> {
  readonly items: StreamInput<Item>
  readonly sizes: ChunkSizes
  readonly workers: number
  /** Whether chunks are taken in the order of the items; else as they are done. */
  readonly isOrdered: boolean
  /** Has the items of a chunk worked on; never rejects. */
  readonly send: (items: readonly Item[]) => Promise<Omit<ChunkOutcome, 'start'>>
}

interface OpenChunk {
  outcome: ChunkOutcome | undefined
}

/**
 * What is between items and whoever wants their results: reads items as results are taken, makes
 * chunks of them, and has a limited number of these in progress.
 *
 * Nothing is read before the first result is asked for.
 */
export class ChunkWindow<Item> {
  readonly #options: ChunkWindowOptions<Item>
  readonly #chunks = new Fifo<OpenChunk>()
  #iterator: Iterator<Item> | AsyncIterator<Item> | undefined
  #end: { readonly kind: 'done' } | { readonly kind: 'threw'; readonly error: unknown } | undefined
  #stopped: { readonly reason: unknown } | undefined
  /** Chunks that were begun to be read and whose outcome was not taken. */
  #open = 0
  #gathered: Item[] = []
  /** How many items the chunk that is being read may have. */
  #wanted = 0
  #flushing: NodeJS.Immediate | undefined
  #read = 0
  #isReading = false
  #wake: (() => void) | undefined

  constructor(options: ChunkWindowOptions<Item>) {
    this.#options = options
  }

  /**
   * The next chunk with an outcome, or `undefined` at the end.
   *
   * @throws What the items threw, after the outcomes of those before it; or the reason of `stop`.
   */
  async next(): Promise<ChunkOutcome | undefined> {
    for (;;) {
      if (this.#stopped !== undefined) throw this.#stopped.reason
      void this.#readAhead()
      const outcome = this.#chunks.peek()?.outcome
      if (outcome !== undefined) {
        this.#chunks.shift()
        this.#open--
        return outcome
      }
      if (this.#open === 0 && this.#end !== undefined) {
        if (this.#end.kind === 'done') return undefined
        throw this.#end.error
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Makes `next` throw the reason; nothing more is read. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    this.#wake?.()
  }

  /**
   * Ends the reading of the items.
   *
   * @throws What the items throw at their end, unless it fails already.
   */
  async close(isFailing: boolean): Promise<void> {
    this.stop(new Error('nobody waits for the results any more'))
    clearImmediate(this.#flushing)
    if (this.#end !== undefined) return
    const returned = this.#returnItems()
    // Items that are being waited for may never come: ending them is all that can be done then.
    if (this.#isReading) returned.catch(() => undefined)
    else if (isFailing) await returned.catch(() => undefined)
    else await returned
  }

  async #returnItems(): Promise<void> {
    await this.#iterator?.return?.()
  }

  async #readAhead(): Promise<void> {
    if (this.#isReading || this.#end !== undefined) return
    this.#isReading = true
    const width = chunksPerWorker * this.#options.workers
    try {
      this.#iterator ??= openInputs(this.#options.items)
      while (this.#gathered.length > 0 || this.#open < width) {
        const step = this.#iterator.next()
        const isLate = isPromiseLike(step)
        const { done, value } = isLate ? await step : step
        if (done === true) this.#end = { kind: 'done' }
        if (done === true || this.#stopped !== undefined) break
        this.#gather(value, isLate)
      }
    } catch (error) {
      this.#end = { kind: 'threw', error }
    } finally {
      this.#isReading = false
      this.#launch()
      this.#wake?.()
    }
  }

  #gather(item: Item, isLate: boolean): void {
    if (this.#gathered.length === 0) {
      this.#open++
      this.#wanted = this.#chunkSize(item)
      // What comes late is not kept waiting for what comes later.
      const mayBeLess = isLate && this.#wanted > 1 && !this.#options.sizes.isFixed
      if (mayBeLess) this.#flushing = setImmediate(() => this.#launch())
    }
    this.#gathered.push(item)
    if (this.#gathered.length >= this.#wanted) this.#launch()
  }

  #chunkSize(first: Item): number {
    const { sizes, items, workers } = this.#options
    if (sizes.isFixed) return sizes.size
    const left = Array.isArray(items) ? items.length - this.#read : Infinity
    const share = Math.ceil(left / workers)
    const fitting = Math.floor(mostBytes / (roughSize(first) + 1))
    return Math.max(1, Math.min(sizes.size, share, fitting))
  }

  #launch(): void {
    clearImmediate(this.#flushing)
    if (this.#gathered.length === 0 || this.#stopped !== undefined) return
    const { isOrdered, send } = this.#options
    const items = this.#gathered
    const start = this.#read
    this.#gathered = []
    this.#read += items.length
    const chunk: OpenChunk = { outcome: undefined }
    if (isOrdered) this.#chunks.push(chunk)
    void send(items).then((outcome) => {
      chunk.outcome = { start, ...outcome }
      if (!isOrdered) this.#chunks.push(chunk)
      if (this.#chunks.peek() === chunk) this.#wake?.()
    })
  }
}
