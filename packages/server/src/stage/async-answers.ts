import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { Answers } from '../perform/answers.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import { AsyncTask } from './async-task.ts'
import { finishTask, lateOutcome } from './task.ts'

/** Tells the outcomes of items that a worker on the event loop has worked on. */
export class AsyncAnswers implements Answers {
  readonly origin = undefined
  readonly clock = 0
  #running = 0

  /** How many items are being worked on. */
  get running(): number {
    return this.#running
  }

  noteBegun(): void {
    this.#running++
  }

  write(task: BegunTask, outcome: Payload): void {
    this.#running--
    task.item.end()
    if (!(task instanceof AsyncTask)) return
    finishTask(task, task.item.wasGivenUp ? lateOutcome(task) : outcome)
  }

  writeAll(tasks: readonly BegunTask[]): void {
    for (const task of tasks) {
      this.write(task, task.outcome ?? exceptionPayload(new Error('the item has no result')))
    }
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
