import type { WorkItem } from '../base-worker.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import type { Branch } from './flight.ts'
import type { StageTask } from './task.ts'

/** An item in a stage on the event loop. */
export class AsyncTask implements StageTask, BegunTask {
  readonly id: number
  readonly branch: Branch
  readonly done: (outcome: Payload) => void
  readonly item: WorkItem
  /** When it came to the stage, on the clock of `performance.now()`; for stages that form batches. */
  readonly cameAt: number
  input: unknown = undefined
  outcome: Payload | undefined
  #payload: Payload | undefined

  constructor(branch: Branch, payload: Payload, done: (outcome: Payload) => void, cameAt = 0) {
    this.id = branch.flight.id
    this.branch = branch
    this.done = done
    this.cameAt = cameAt
    this.item = { deadline: branch.flight.deadline, attempt: 1 }
    this.outcome = undefined
    this.#payload = payload
  }

  /** Decodes the input; when that fails, it is the outcome. */
  begin(): void {
    try {
      this.input = this.#payload?.value()
    } catch (error) {
      this.outcome = exceptionPayload(error)
    }
    this.#payload = undefined
  }
}
