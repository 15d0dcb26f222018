import type { BegunTask } from './begun-task.ts'

/** How a worker works on its tasks: one by one, in batches, or as a stream. */
export interface Performer {
  /** Takes a task, which may be one of several of a batch. */
  take(task: BegunTask, isLastOfBatch: boolean): void
  /** A task was taken back by the server. */
  skip(isLastOfBatch: boolean): void
  /**
   * Works on what was taken, if it is complete. Gives a promise when no more may be taken until it
   * settles; it never rejects.
   */
  perform(): Promise<void> | undefined
  /** Whether tasks are being worked on. */
  readonly isBusy: boolean
  /** Waits until none is; nothing more will be taken. */
  finish(): Promise<void>
}
