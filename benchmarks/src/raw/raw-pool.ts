import type { Pool } from '../variant.ts'

/** One worker of a raw pool: it answers in the order in which it was asked. */
export interface RawLink {
  readonly post: (input: unknown) => void
  readonly close: () => Promise<unknown>
}

/** What a link tells its pool. */
export interface RawLinkEvents {
  readonly onAnswer: (output: unknown) => void
  /** The worker has ended; what it was asked will not be answered. */
  readonly onEnd: () => void
}

interface Waiting {
  readonly resolve: (output: unknown) => void
  readonly reject: (reason: Error) => void
}

interface Slot {
  readonly link: RawLink
  readonly waiting: Waiting[]
}

/**
 * The least that a pool must do: each call goes to the worker with the fewest calls, and answers
 * are matched by order.
 *
 * With `maxChunk` above 1, calls made in one turn of the event loop go to the same worker, up to so
 * many (or as many KiB of bytes), so that they can share a write.
 */
export class RawPool implements Pool {
  readonly #slots: readonly Slot[]
  readonly #maxChunk: number
  #chunkSlot: Slot | undefined
  #chunkRoom = 0

  constructor(workers: number, maxChunk: number, open: (events: RawLinkEvents) => RawLink) {
    this.#maxChunk = maxChunk
    this.#slots = Array.from({ length: workers }, () => {
      const waiting: Waiting[] = []
      const link = open({
        onAnswer: (output) => waiting.shift()?.resolve(output),
        onEnd: () => {
          const calls = waiting.splice(0)
          for (const { reject } of calls) reject(new Error('the worker has ended'))
        },
      })
      return { link, waiting }
    })
  }

  call(input: unknown): Promise<unknown> {
    const { link, waiting } = this.#slotFor(input)
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      link.post(input)
    })
  }

  close(): Promise<unknown> {
    return Promise.all(this.#slots.map(({ link }) => link.close()))
  }

  #slotFor(input: unknown): Slot {
    if (this.#chunkSlot === undefined || this.#chunkRoom <= 0) {
      if (this.#chunkSlot === undefined && this.#maxChunk > 1) {
        process.nextTick(() => (this.#chunkSlot = undefined))
      }
      this.#chunkSlot = this.#leastBusy()
      this.#chunkRoom = this.#maxChunk
    }
    this.#chunkRoom -= input instanceof Uint8Array ? 1 + input.length / 1024 : 1
    return this.#chunkSlot
  }

  #leastBusy(): Slot {
    return this.#slots.reduce((best, slot) =>
      slot.waiting.length < best.waiting.length ? slot : best,
    )
  }
}
