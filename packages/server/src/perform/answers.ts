import type { Payload } from '../channel/payload.ts'
import type { BegunTask } from './begun-task.ts'

/** Where the outcomes of tasks go. */
export interface Answers {
  /** What exceptions say about where they come from. */
  readonly origin: string | undefined
  /** When the last task ended, or work began; the next one takes its time from there. */
  readonly clock: number
  /**
   * Tells the outcome of a task; one that cannot be carried becomes the task's error.
   *
   * @param startedAt - When it began, where tasks do not follow one another.
   */
  write(task: BegunTask, outcome: Payload, startedAt?: number): void
  /** Tells the outcomes of tasks that were worked on together, each of which took the whole time. */
  writeAll(tasks: readonly BegunTask[], startedAt: number): void
  /** What was told while nobody else does so must become known. */
  wakeSoon(): void
  /** Outcomes cannot be told any more. */
  fail(error: unknown): void
}
