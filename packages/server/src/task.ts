import type { Branch } from './flight.ts'
import { exceptionPayload, type Payload } from './payload.ts'

/** An item in one stage: its input as bytes, and whom to tell the outcome. */
export interface Task {
  readonly branch: Branch
  readonly bytes: Uint8Array
  /** Which attempt this is, from 1. */
  readonly attempt: number
  readonly done: (outcome: Payload) => void
}

/** Tells the outcome of a task, and that its stage holds the item no longer. */
export function finishTask(task: Task, outcome: Payload): void {
  task.done(outcome)
  task.branch.flight.release()
}

/** The outcome of an item that nobody waits for any more; nobody sees it. */
export const abandonedPayload: Payload = exceptionPayload(new Error('the item was abandoned'))
