import { performance } from 'node:perf_hooks'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { arrivalClock } from '../insight/arrival-clock.ts'
import type { StageMeter } from '../insight/stage-meter.ts'
import type { Answers } from '../perform/answers.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import { AsyncTask } from './async-task.ts'
import { finishTask } from './task.ts'

/** Tells the outcomes of items that a worker on the event loop has worked on. */
export class AsyncAnswers implements Answers {
  readonly origin = undefined
  readonly clock = 0
  readonly #meter: StageMeter
  #running = 0
  /** How many of these count for how busy the worker is, and the sum of when they were begun. */
  #firsts = 0
  #firstsBegunAt = 0
  /** When the last outcome was told, on the clock of `performance.now()`. */
  #toldAt = 0

  constructor(meter: StageMeter) {
    this.#meter = meter
  }

  /** How many items are being worked on. */
  get running(): number {
    return this.#running
  }

  /** For how long the worker has been at what it works on now, all together, in milliseconds. */
  get busyMs(): number {
    return this.#firsts * performance.now() - this.#firstsBegunAt
  }

  /**
   * A task is begun.
   *
   * @param isFirst - Whether it is the first one of its batch, or goes alone.
   * @param now - When, on the clock of `performance.now()`. By default when the last outcome was told,
   *   for which it has been waiting, if it has been waiting.
   */
  noteBegun(task: AsyncTask, isFirst: boolean, now: number = this.#toldAt): void {
    this.#running++
    task.begunAt = Math.max(task.cameAt, now)
    task.isFirst = isFirst
    if (!isFirst) return
    this.#firsts++
    this.#firstsBegunAt += task.begunAt
  }

  write(task: BegunTask, outcome: Payload): void {
    this.#toldAt = arrivalClock.read()
    this.#tell(task, outcome, this.#toldAt)
  }

  writeAll(tasks: readonly BegunTask[]): void {
    const now = arrivalClock.read()
    this.#toldAt = now
    for (const task of tasks) {
      this.#tell(task, task.outcome ?? exceptionPayload(new Error('the item has no result')), now)
    }
  }

  #tell(task: BegunTask, outcome: Payload, now: number): void {
    this.#running--
    task.item.end()
    if (!(task instanceof AsyncTask)) return
    const { begunAt, isFirst } = task
    const tookMs = now - begunAt
    this.#meter.noteAnswered(task, tookMs, outcome.isException)
    if (isFirst) {
      this.#meter.noteBusy(tookMs)
      this.#firsts--
      this.#firstsBegunAt -= begunAt
    }
    finishTask(task, outcome)
  }

  wakeSoon(): void {
    // Everybody is awake here.
  }

  /** Callers would wait for ever. */
  fail(error: unknown): void {
    process.nextTick(() => {
      throw error
    })
  }
}
