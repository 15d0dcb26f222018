import type { WorkItem } from '../base-worker.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { isPromiseLike } from '../is-promise-like.ts'

/** An item of a batch. */
export interface BatchItem {
  readonly item: WorkItem
  /** The input; then what `preprocess` has made of it. */
  input: unknown
  /** Known early when the item has failed before the batch began. */
  outcome: Payload | undefined
}

/** A worker that prepares items. */
interface Preparing {
  preprocess?(input: unknown): unknown
}

/** Prepares the items of a batch, each by itself; what throws has its outcome. */
export function prepareItems(
  worker: Preparing,
  items: readonly BatchItem[],
  origin: string | undefined,
): void | Promise<void> {
  if (worker.preprocess === undefined) return undefined
  const pending: Promise<void>[] = []
  for (const each of items) {
    if (each.outcome !== undefined) continue
    const fail = (error: unknown): void => {
      each.outcome = exceptionPayload(error, origin)
    }
    try {
      const prepared = worker.preprocess(each.input)
      if (isPromiseLike(prepared)) {
        pending.push(
          Promise.resolve(prepared).then((value) => {
            each.input = value
          }, fail),
        )
      } else {
        each.input = prepared
      }
    } catch (error) {
      fail(error)
    }
  }
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
}
