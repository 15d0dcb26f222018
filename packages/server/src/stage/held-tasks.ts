import { ProtocolError } from '@mpservice/wire'
import { Fifo } from '../fifo.ts'
import type { Task } from './task.ts'

/** The tasks that one worker has been given and has not answered, in order. */
export class HeldTasks {
  readonly #tasks = new Fifo<Task>()

  get count(): number {
    return this.#tasks.length
  }

  push(task: Task): void {
    this.#tasks.push(task)
  }

  /**
   * Takes out the task that the worker has answered.
   *
   * @throws {ProtocolError} When the worker cannot have worked on this one now.
   */
  answer(id: number): Task {
    const task = this.#tasks.peek()
    if (task === undefined || task.branch.flight.id !== id) {
      throw new ProtocolError(`a result for item ${id}, which the worker is not working on`)
    }
    this.#tasks.shift()
    return task
  }

  /** Takes out the tasks that can be withdrawn from the worker, in order. */
  withdraw(tryWithdraw: (task: Task) => boolean): Task[] {
    const tasks = this.#tasks.keep((task) => !tryWithdraw(task))
    for (const task of tasks) task.bringHome()
    return tasks
  }

  /** Takes out everything that a dead worker held: what it had begun, and the rest. */
  takeAll(hasBegun: (task: Task, isFirst: boolean) => boolean): { begun: Task[]; others: Task[] } {
    const begun: Task[] = []
    let isFirst = true
    const others = this.#tasks
      .keep(() => false)
      .filter((task) => {
        const isBegun = hasBegun(task, isFirst)
        isFirst = false
        if (isBegun) begun.push(task)
        return !isBegun
      })
    for (const task of others) task.bringHome()
    return { begun, others }
  }
}
