import { AwakeTrial } from '../channel/awake-trial.ts'
import { giveWay } from '../channel/give-way.ts'

/** One from whom frames may come to this thread. */
export interface Watched {
  readonly hasFrames: boolean
  /** Reads the frames. */
  drain(): void
  /** From now on a doorbell must ring for frames. */
  fallAsleep(): void
}

/** Calls within so many milliseconds of each other let frames be expected soon. */
const busyMs = 0.5
/** How long frames are looked for in each turn of the event loop before this thread sleeps, in ms. */
const awakeMs = 0.1
/** The same for those who slept, who must not find this thread asleep when they are done at last. */
const awakeForSleeperMs = 0.3
/** Frames that take longer than this would have come as soon to a sleeping thread, in milliseconds. */
const soonMs = 0.15

/**
 * Looks for frames of all workers in each turn of the event loop, while frames are expected soon.
 *
 * There is one for all of a thread: what keeps it awake for one worker serves all others, such as
 * the next ones in a pipeline.
 */
class Lookout {
  readonly #watched = new Set<Watched>()
  readonly #trial = new AwakeTrial()
  /** Since when frames are expected, if they are. */
  #awaitedSince: number | undefined
  #awakeUntil = 0
  #busyAt = -Infinity
  #isLooking = false
  readonly #look = (): void => this.#lookForFrames()

  /** Notes that something was sent; gives whether that happens so often that more will follow at once. */
  noteTraffic(): boolean {
    const now = performance.now()
    const isBusy = now - this.#busyAt < busyMs
    this.#busyAt = now
    return isBusy
  }

  /** Frames are expected soon; gives whether they are looked for, so that no doorbell is needed. */
  expect(from: Watched, isAsleep: boolean): boolean {
    if (!this.#isLooking && !this.#trial.isDue()) return false
    this.#watched.add(from)
    const now = performance.now()
    this.#awaitedSince ??= now
    this.#awakeUntil = Math.max(this.#awakeUntil, now + (isAsleep ? awakeForSleeperMs : awakeMs))
    if (!this.#isLooking) {
      this.#isLooking = true
      setImmediate(this.#look)
    }
    return true
  }

  /** Frames have come. */
  noteArrival(): void {
    if (!this.#isLooking) return
    const now = performance.now()
    this.#awakeUntil = Math.max(this.#awakeUntil, now + awakeMs)
    if (this.#awaitedSince === undefined) return
    const tookMs = now - this.#awaitedSince
    this.#awaitedSince = undefined
    if (tookMs < soonMs) this.#trial.hit()
    else this.#trial.miss()
  }

  /** No frames will come any more. */
  leave(from: Watched): void {
    this.#watched.delete(from)
  }

  #lookForFrames(): void {
    let isQuiet = true
    for (const watched of this.#watched) {
      if (!watched.hasFrames) continue
      isQuiet = false
      watched.drain()
    }
    if (performance.now() < this.#awakeUntil) {
      // Whoever is waited for may be waiting for this processor.
      if (isQuiet) giveWay()
      setImmediate(this.#look)
      return
    }
    this.#isLooking = false
    if (this.#awaitedSince !== undefined) this.#trial.miss()
    this.#awaitedSince = undefined
    const all = [...this.#watched]
    this.#watched.clear()
    for (const watched of all) watched.fallAsleep()
  }
}

/** The lookout of this thread. */
export const lookout: Lookout = new Lookout()
