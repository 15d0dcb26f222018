import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import { type ItemWatch, TaskItem } from '../perform/task-item.ts'
import type { Branch } from './flight.ts'
import type { StageTask } from './task.ts'

/** What the items of a stage on the event loop have in common. */
export interface AsyncTaskOwner {
  /** Whether items are told that nobody waits for them any more. */
  readonly tellsAbandoned: boolean
  /** Items that want to be told. */
  readonly listening: Set<TaskItem>
}

/** An item in a stage on the event loop. */
export class AsyncTask implements StageTask, BegunTask, ItemWatch {
  readonly id: number
  readonly branch: Branch
  readonly done: (outcome: Payload) => void
  readonly item: TaskItem
  /** When it came to the stage and when it was begun, on the clock of `performance.now()`. */
  readonly cameAt: number
  begunAt = 0
  /** Whether it was begun with nothing, or as the first one of its batch, which counts as one. */
  isFirst = true
  input: unknown = undefined
  outcome: Payload | undefined
  readonly #owner: AsyncTaskOwner
  #payload: Payload | undefined

  constructor(
    branch: Branch,
    payload: Payload,
    done: (outcome: Payload) => void,
    owner: AsyncTaskOwner,
    cameAt?: number,
  ) {
    this.#owner = owner
    this.id = branch.flight.id
    this.branch = branch
    this.done = done
    this.cameAt = cameAt ?? branch.flight.movedAt
    const watch = owner.tellsAbandoned ? this : undefined
    this.item = new TaskItem(this.id, branch.flight.deadline, 1, watch)
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

  get generation(): number {
    return this.branch.isCancelled ? 1 : 0
  }

  has(): boolean {
    return this.branch.isCancelled
  }

  listen(item: TaskItem): void {
    this.#owner.listening.add(item)
  }

  leave(item: TaskItem): void {
    this.#owner.listening.delete(item)
  }
}
