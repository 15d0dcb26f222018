import type { FrameWriter } from '../channel/frame-writer.ts'
import type { FrameHeader } from '../channel/frame.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { Fifo } from '../fifo.ts'

/** How soon room is looked for of which no doorbell tells, in milliseconds. */
const roomMs = 5

interface Letter {
  readonly header: FrameHeader
  readonly payload: Payload | undefined
}

/**
 * Frames to a caller who reads only now and then: what finds no room waits here, while the event loop
 * goes on.
 */
export class SyncOutbox {
  readonly #writer: FrameWriter
  readonly #origin: string
  readonly #waiting = new Fifo<Letter>()
  #isRetrying = false
  #isWaking = false
  #onEmpty: (() => void) | undefined

  /** @param origin - What exceptions say about where they come from. */
  constructor(writer: FrameWriter, origin: string) {
    this.#writer = writer
    this.#origin = origin
  }

  /** Writes a frame; a payload that cannot be carried becomes the exception that says so. */
  write(header: FrameHeader, payload?: Payload): void {
    try {
      if (this.#waiting.length === 0 && this.#tryWrite({ header, payload })) return
      this.#waiting.push({ header, payload: payload?.freeze() })
    } catch (error) {
      this.write(header, exceptionPayload(error, this.#origin))
      return
    }
    this.flush()
  }

  /** Writes what waits, as far as there is room. */
  flush(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!this.#tryWrite(next)) {
        this.#retrySoon()
        return
      }
      this.#waiting.shift()
    }
    this.#onEmpty?.()
  }

  /** Waits until everything is written. */
  async whenEmpty(): Promise<void> {
    if (this.#waiting.length === 0) return
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
  }

  #retrySoon(): void {
    if (this.#isRetrying) return
    this.#isRetrying = true
    setTimeout(() => {
      this.#isRetrying = false
      this.flush()
    }, roomMs)
  }

  #tryWrite({ header, payload }: Letter): boolean {
    if (this.#writer.tryWrite(header, payload) === false) return false
    this.#writer.reveal()
    this.#wakeSoon()
    return true
  }

  /** What is answered together wakes the caller once. */
  #wakeSoon(): void {
    if (!this.#writer.isReaderAsleep || this.#isWaking) return
    this.#isWaking = true
    process.nextTick(() => {
      this.#isWaking = false
      this.#writer.wake()
    })
  }
}
