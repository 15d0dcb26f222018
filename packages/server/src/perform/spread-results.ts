import type { BatchWorker } from '../batch-worker.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { BatchResultError } from '../errors.ts'
import type { BatchItem } from './batch-item.ts'
import { outcomeOf } from './outcome.ts'

/** Gives each item of a batch its result; all of them fail when the results are not one for each. */
export function spreadResults(
  worker: BatchWorker<unknown, unknown>,
  items: readonly BatchItem[],
  results: unknown,
  origin: string | undefined,
): void {
  if (!Array.isArray(results) || results.length !== items.length) {
    const received = Array.isArray(results) ? results.length : undefined
    const error = new BatchResultError({
      workerName: worker.name,
      expected: items.length,
      received,
    })
    spreadFailure(items, exceptionPayload(error, origin))
    return
  }
  const { errorsAreValues } = worker
  items.forEach((each, index) => {
    const result: unknown = results[index]
    each.outcome =
      result instanceof Error && !errorsAreValues
        ? exceptionPayload(result, origin)
        : outcomeOf(result, origin)
  })
}

/** Gives all items of a batch the same failure. */
export function spreadFailure(items: readonly BatchItem[], failure: Payload): void {
  for (const each of items) each.outcome = failure
}
