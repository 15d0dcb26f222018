import { setTimeout as sleep } from 'node:timers/promises'

/** How long a worker goes on at least before it is stopped again, in milliseconds. */
const restMs = 50

/** Takes stacks of one worker, one at a time, so that it gets on between them. */
export class StackShots {
  readonly #take: () => Promise<string>
  #running: Promise<string> | undefined
  #endedAt = -Infinity

  constructor(take: () => Promise<string>) {
    this.#take = take
  }

  /** Who comes while one is being taken gets the same. */
  take(): Promise<string> {
    this.#running ??= this.#takeNext().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #takeNext(): Promise<string> {
    const leftMs = this.#endedAt + restMs - performance.now()
    if (leftMs > 0) await sleep(leftMs)
    try {
      return await this.#take()
    } finally {
      this.#endedAt = performance.now()
    }
  }
}
