import type { BatchWorker } from '../batch-worker.ts'
import { exceptionPayload } from '../channel/payload.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { type BatchItem, prepareItems } from './batch-item.ts'
import { spreadFailure, spreadResults } from './spread-results.ts'

/**
 * Lets a worker work on a batch, after which each item has its outcome. Gives a promise, which never
 * rejects, only when the worker does.
 *
 * @param origin - What exceptions say about where they come from.
 */
export function performBatch(
  worker: BatchWorker<unknown, unknown>,
  items: readonly BatchItem[],
  origin?: string,
): void | Promise<void> {
  const prepared = prepareItems(worker, items, origin)
  return prepared === undefined
    ? callWorker(worker, items, origin)
    : prepared.then(() => callWorker(worker, items, origin))
}

function callWorker(
  worker: BatchWorker<unknown, unknown>,
  items: readonly BatchItem[],
  origin: string | undefined,
): void | Promise<void> {
  const good = items.filter(({ outcome }) => outcome === undefined)
  if (good.length === 0) return undefined
  try {
    const results: unknown = worker.call(
      good.map(({ input }) => input),
      good.map(({ item }) => item),
    )
    if (!isPromiseLike(results)) {
      spreadResults(worker, good, results, origin)
      return undefined
    }
    return Promise.resolve(results)
      .then((all) => spreadResults(worker, good, all, origin))
      .catch((error: unknown) => spreadFailure(good, exceptionPayload(error, origin)))
  } catch (error) {
    spreadFailure(good, exceptionPayload(error, origin))
    return undefined
  }
}
