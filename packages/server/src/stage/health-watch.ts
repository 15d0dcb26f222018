import { performance } from 'node:perf_hooks'
import { getLogger } from '@logtape/logtape'
import { readVitals } from './read-vitals.ts'
import type { Task } from './task.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** What a watch on the health of workers looks at, and whom it tells. */
export interface HealthWatchOptions {
  /** All workers that may hold tasks. */
  workers(): readonly WorkerSlot[]
  readonly itemTimeoutMs: number
  readonly maxRssBytes: number
  /** A worker has more memory than it should keep; gives whether it will be replaced for that. */
  onOverfull(slot: WorkerSlot): boolean
}

/** How often the health of workers is looked at, in milliseconds. */
const patrolMs = 250
/** A worker that was stopped by a signal for so many looks is ended. */
const mostStoppedLooks = 20
/** A worker that is at the same item for so long is worth a word, in milliseconds. */
const suspiciousMs = 10_000
/** In each place workers are replaced for their memory no more often than this, in milliseconds. */
const recycleMs = 10_000
/** What has so many times the memory that it should have is ended at once. */
const mostRssShare = 2

/** What was seen of a worker. */
interface Look {
  /** How many items it had answered. */
  readonly answered: number
  /** How often in a row it was stopped. */
  readonly stopped: number
}

/** Ends workers that hang, are stopped or grow without end. */
export class HealthWatch {
  readonly #options: HealthWatchOptions
  readonly #looks = new WeakMap<WorkerSlot, Look>()
  /** Which workers were ended, by their epoch. */
  readonly #ended = new WeakMap<WorkerSlot, number>()
  /** When workers were last replaced for their memory, by their places. */
  readonly #recycledAt = new Map<number, number>()
  readonly #reported = new WeakSet<Task>()
  #patrol: NodeJS.Timeout | undefined
  #itemTimer: NodeJS.Timeout | undefined

  constructor(options: HealthWatchOptions) {
    this.#options = options
  }

  /** A worker was given a task. */
  noteGiven(): void {
    if (this.#patrol !== undefined) return
    this.#patrol = setInterval(() => this.#look(), patrolMs).unref()
    const { itemTimeoutMs } = this.#options
    if (itemTimeoutMs === Infinity) return
    const everyMs = Math.min(patrolMs, Math.max(1, Math.floor(itemTimeoutMs / 8)))
    this.#itemTimer = setInterval(() => this.#lookAtItems(), everyMs).unref()
  }

  /** Once more after the last item, which may have left a lot. */
  #look(): void {
    const workers = this.#options.workers()
    for (const slot of workers) void this.#lookAt(slot)
    if (workers.some(({ held }) => held > 0)) return
    clearInterval(this.#patrol)
    clearInterval(this.#itemTimer)
    this.#patrol = undefined
    this.#itemTimer = undefined
  }

  async #lookAt(slot: WorkerSlot): Promise<void> {
    const { maxRssBytes } = this.#options
    const pid = slot.life.link?.pid
    const sinceMs = this.#longestAt(slot)
    if (sinceMs > suspiciousMs) this.#report(slot, sinceMs)
    const { answered } = slot
    const before = this.#looks.get(slot)
    const isQuiet = slot.held > 0 && before?.answered === answered
    this.#looks.set(slot, { answered, stopped: isQuiet ? before.stopped : 0 })
    if (pid === undefined || (maxRssBytes === Infinity && !isQuiet)) return
    const vitals = await readVitals(pid)
    // It may be another process by now.
    if (vitals === undefined || slot.life.link?.pid !== pid) return
    if (vitals.rssBytes > mostRssShare * maxRssBytes) {
      slot.life.end({ kind: 'overfull', rssBytes: vitals.rssBytes })
    } else if (vitals.rssBytes > maxRssBytes) {
      this.#recycle(slot, vitals.rssBytes)
    }
    if (isQuiet) this.#noteStopped(slot, vitals.isStopped ? before.stopped + 1 : 0)
  }

  /** What is overfull from the start is no better for being replaced again and again. */
  #recycle(slot: WorkerSlot, rssBytes: number): void {
    const { name, workerIndex } = slot.spec
    const now = performance.now()
    if (now - (this.#recycledAt.get(workerIndex) ?? -Infinity) < recycleMs) return
    if (!this.#options.onOverfull(slot)) return
    this.#recycledAt.set(workerIndex, now)
    const { maxRssBytes } = this.#options
    getLogger(['mpservice', 'server']).info(
      'worker {name} has {rssBytes} bytes of memory, more than {maxRssBytes}, and is replaced',
      { name, rssBytes, maxRssBytes },
    )
  }

  /** Counts looks, not time: when this process was stopped as well, nobody is to blame. */
  #noteStopped(slot: WorkerSlot, stopped: number): void {
    this.#looks.set(slot, { answered: slot.answered, stopped })
    if (stopped > mostStoppedLooks)
      slot.life.end({ kind: 'stopped', stoppedMs: stopped * patrolMs })
  }

  /** For how long a worker has been at something, as far as has been seen; in milliseconds. */
  #longestAt(slot: WorkerSlot): number {
    const now = performance.now()
    let longestMs = 0
    if (slot.held > 0) slot.life.link?.lookForFrames()
    for (const task of slot.begun()) {
      if (task.seenBegunAt === 0) task.seenBegunAt = now
      longestMs = Math.max(longestMs, now - task.seenBegunAt)
    }
    return longestMs
  }

  #lookAtItems(): void {
    const { itemTimeoutMs } = this.#options
    for (const slot of this.#options.workers()) {
      if (slot.held === 0 || this.#longestAt(slot) <= itemTimeoutMs) continue
      if (this.#ended.get(slot) === slot.life.epoch) continue
      // Not before: what has just been read may have taken its time.
      const now = performance.now()
      const late = slot.begun().filter((task) => isLate(task, now - itemTimeoutMs))
      if (late.length === 0) continue
      this.#ended.set(slot, slot.life.epoch)
      slot.reportStuck(now - Math.min(...late.map(({ seenBegunAt }) => seenBegunAt)))
      slot.life.end({ kind: 'stuck', itemTimeoutMs, culprits: new Set(late) })
    }
  }

  #report(slot: WorkerSlot, runningMs: number): void {
    const [first] = slot.begun()
    if (first === undefined || this.#reported.has(first)) return
    this.#reported.add(first)
    slot.reportStuck(runningMs)
    getLogger(['mpservice', 'server']).warn(
      'worker {name} has been at the same item for {runningMs} ms',
      { name: slot.spec.name, pid: slot.life.link?.pid, runningMs },
    )
  }
}

function isLate({ seenBegunAt }: Task, since: number): boolean {
  return seenBegunAt !== 0 && seenBegunAt < since
}
