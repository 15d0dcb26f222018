import { Fifo } from '../fifo.ts'
import { PriorityQueue, type Ranking } from '../priority-queue.ts'
import type { StageTask } from './task.ts'

/** Makes the queue of a stage: the oldest task is the one whose item got its place in the server first. */
export function makeTaskQueue<Task extends StageTask>(): PriorityQueue<Task> {
  return new PriorityQueue<Task>(ranking, () => new Fifo<Task>())
}

const ranking: Ranking<StageTask> = {
  priorityOf: ({ branch }) => branch.flight.priority,
  ageOf: ({ branch }) => branch.flight.id,
}
