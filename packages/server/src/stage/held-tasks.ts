import { ProtocolError } from '@mpservice/wire'
import { Fifo } from '../fifo.ts'
import type { Task } from './task.ts'

/** The tasks that one worker has been given and has not answered, in order. */
export class HeldTasks {
  readonly #tasks = new Fifo<Task>()
  /** How many items or batches the worker works on at the same time. */
  readonly #concurrency: number
  #batches = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  get count(): number {
    return this.#tasks.length
  }

  /** How much the worker holds: batches where items go in batches, else items. */
  get load(): number {
    return this.#batches === 0 ? this.#tasks.length : this.#batches
  }

  /** The task that was given last and is still held. */
  get last(): Task | undefined {
    return this.#tasks.last
  }

  push(task: Task): void {
    this.#tasks.push(task)
    if (task.batch === undefined) return
    task.batch.size++
    if (task.batch.left++ === 0) this.#batches++
  }

  /**
   * Takes out the task that the worker has answered.
   *
   * @throws {ProtocolError} When the worker cannot have worked on this one now.
   */
  answer(id: number): Task {
    const first = this.#tasks.peek()
    if (first?.branch.flight.id === id) {
      this.#tasks.shift()
      this.#leaveBatch(first)
      return first
    }
    const found = this.#tasks.take(
      ({ branch, batch }) =>
        branch.flight.id === id &&
        // Within a batch, those come first that were passed over.
        (this.#concurrency > 1 || (batch !== undefined && batch === first?.batch)),
    )
    if (found === undefined) {
      throw new ProtocolError(`a result for item ${id}, which the worker is not working on`)
    }
    this.#leaveBatch(found)
    return found
  }

  /** Takes out the tasks that can be withdrawn from the worker, in order. */
  withdraw(tryWithdraw: (task: Task) => boolean): Task[] {
    const tasks = this.#tasks.keep((task) => !tryWithdraw(task))
    for (const task of tasks) {
      if (task.batch !== undefined) task.batch.size--
      this.#leaveBatch(task)
      task.batch = undefined
      task.bringHome()
    }
    return tasks
  }

  all(): Task[] {
    return this.#tasks.filter(() => true)
  }

  /** The tasks that the worker is at, in order. */
  begun(hasBegun: (task: Task, canHaveBegun: boolean) => boolean): Task[] {
    const isOpen = this.#countOpen()
    return this.#tasks.filter((task) => hasBegun(task, isOpen(task)))
  }

  /** Takes out everything that a dead worker held: what it had begun, and the rest. */
  takeAll(hasBegun: (task: Task, canHaveBegun: boolean) => boolean): {
    begun: Task[]
    others: Task[]
  } {
    const begun: Task[] = []
    const isOpen = this.#countOpen()
    const others = this.#tasks
      .keep(() => false)
      .filter((task) => {
        const isBegun = hasBegun(task, isOpen(task))
        if (isBegun) begun.push(task)
        return !isBegun
      })
    for (const task of begun) this.#leaveBatch(task)
    for (const task of others) {
      this.#leaveBatch(task)
      task.batch = undefined
      task.bringHome()
    }
    return { begun, others }
  }

  /** Says of one task after the other whether the worker can be at it already. */
  #countOpen(): (task: Task) => boolean {
    let open = this.#concurrency
    let batch: unknown
    return (task) => {
      // What shares a batch is begun with it.
      if (task.batch === undefined || task.batch !== batch) open--
      batch = task.batch
      return open >= 0
    }
  }

  #leaveBatch(task: Task): void {
    if (task.batch !== undefined && --task.batch.left === 0) this.#batches--
  }
}
