import type { Branch } from './flight.ts'
import { exceptionPayload, type Payload } from './payload.ts'

/** An item in one stage: its way, and whom to tell the outcome. */
export interface StageTask {
  readonly branch: Branch
  readonly done: (outcome: Payload) => void
}

/** An item in a stage of workers: its input as bytes. */
export interface Task extends StageTask {
  readonly bytes: Uint8Array
  /** Which attempt this is, from 1. */
  readonly attempt: number
}

/** Tells the outcome of a task, and that its stage holds the item no longer. */
export function finishTask(task: StageTask, outcome: Payload): void {
  try {
    task.done(outcome)
  } finally {
    task.branch.flight.release()
  }
}

/** The outcome of an item that nobody waits for any more; nobody sees it. */
export const abandonedPayload: Payload = exceptionPayload(new Error('the item was abandoned'))
