import type { RemoteException } from '@mpservice/process'
import { BaseWorker, type WorkItem } from './base-worker.ts'

/** One result for each item of a batch, in order. */
export type BatchResults<Output> = readonly (Output | RemoteException | Error)[]

/** Marks workers that take batches, from whichever copy of this package. */
export const batchMark: unique symbol = Symbol.for('mpservice.batchWorker')

/**
 * Operations on several items at a time, for work that costs less together: derive a class, implement
 * `call`, and give the class to a servlet with a `batchSize`.
 *
 * Callers do not notice: each has the result or the error of its own item. A class may fix the size of
 * its batches by a `static batchSize`.
 *
 * @typeParam Prepared - What `preprocess` makes of an input; the input itself where there is none.
 * @example
 *   export class Classify extends BatchWorker<string, number> {
 *     static readonly module = import.meta.url
 *     static readonly batchSize = 64
 *     async call(texts: string[]) {
 *       return this.model.predict(texts)
 *     }
 *   }
 */
export abstract class BatchWorker<Input, Output, Prepared = Input> extends BaseWorker<
  Input,
  Output
> {
  static {
    Object.defineProperty(this.prototype, batchMark, { value: true })
  }

  /** Whether an `Error` among the results is a result, and not the error of its item. */
  readonly errorsAreValues: boolean = false

  /** Prepares one item for `call`; when it throws, that is the item's error, and it is in no batch. */
  preprocess?(input: Input): Prepared | Promise<Prepared>

  /**
   * Gives one result for each item of a batch, in order; a `RemoteException` or an `Error` among them
   * is the error of that item alone. What it throws becomes the error of all items of the batch, as
   * does a `BatchResultError` when the results are not as many as the items.
   */
  abstract call(
    batch: Prepared[],
    items: readonly WorkItem[],
  ): BatchResults<Output> | Promise<BatchResults<Output>>

  /** As of `Worker`, with batches in the place of items and their results in the place of results. */
  stream?(batches: AsyncIterable<Prepared[]>): AsyncIterable<BatchResults<Output> | RemoteException>
}

/** Whether a worker takes batches, from whichever copy of this package. */
export function isBatchWorker(
  worker: BaseWorker<never, unknown>,
): worker is BatchWorker<unknown, unknown> {
  return batchMark in worker
}
