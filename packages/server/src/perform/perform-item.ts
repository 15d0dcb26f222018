import type { WorkItem } from '../base-worker.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import type { Worker } from '../worker.ts'
import { outcomeOf } from './outcome.ts'

/**
 * Lets a worker work on one item. Gives a promise, which never rejects, only when the worker does:
 * synchronous work pays for no turn of the queue.
 *
 * @param origin - What exceptions say about where they come from.
 */
export function performItem(
  worker: Worker<unknown, unknown>,
  input: unknown,
  item: WorkItem,
  origin?: string,
): Payload | Promise<Payload> {
  try {
    let result: unknown
    if (worker.preprocess === undefined) {
      result = worker.call(input, item)
    } else {
      const prepared = worker.preprocess(input)
      result = isPromiseLike(prepared)
        ? Promise.resolve(prepared).then((value) => worker.call(value, item))
        : worker.call(prepared, item)
    }
    // Promises of user code may settle twice; Node's own do not.
    return isPromiseLike(result)
      ? Promise.resolve(result).then(
          (value) => outcomeOf(value, origin),
          (error: unknown) => exceptionPayload(error, origin),
        )
      : outcomeOf(result, origin)
  } catch (error) {
    return exceptionPayload(error, origin)
  }
}
