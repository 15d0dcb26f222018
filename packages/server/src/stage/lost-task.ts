import { PoisonItemError, WorkerCrashedError, WorkerStuckError } from '../worker-errors.ts'
import type { Task } from './task.ts'
import type { WorkerEnd } from './worker-ending.ts'

/** What becomes of a task whose worker has ended. */
export type Fate =
  /** It is not to blame and is worked on again. */
  | { readonly kind: 'evicted' }
  /** It may be to blame and is tried again, alone. */
  | { readonly kind: 'retried' }
  | { readonly kind: 'failed'; readonly error: Error }

/** Decides what becomes of a task that a worker had begun when it ended. */
export function decideFate(task: Task, end: WorkerEnd, retries: number): Fate {
  if (!isSuspect(task, end)) return { kind: 'evicted' }
  const error = lossOf(task, end)
  if (retries === 0 || end.isWanted) return { kind: 'failed', error }
  task.deaths ??= []
  task.deaths.push(error)
  if (task.deaths.length <= retries) return { kind: 'retried' }
  return { kind: 'failed', error: new PoisonItemError(task.deaths) }
}

function isSuspect(task: Task, { ending, isWanted }: WorkerEnd): boolean {
  if (isWanted) return true
  if (ending?.kind === 'stuck') return ending.culprits.has(task)
  return ending?.kind !== 'abandoned'
}

/** An error of its own for each item: its caller may change it. */
function lossOf(task: Task, { crash, cause, ending }: WorkerEnd): Error {
  const { attempt, batch } = task
  const lost = { attempt, batchSize: batch?.size ?? 0 }
  const { workerName, pid } = crash
  return ending?.kind === 'stuck'
    ? new WorkerStuckError({ ...lost, workerName, pid, itemTimeoutMs: ending.itemTimeoutMs })
    : new WorkerCrashedError({ ...crash, ...lost }, cause === undefined ? {} : { cause })
}
