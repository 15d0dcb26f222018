import type { RemoteException } from '@mpservice/process'
import { BaseWorker, type WorkerContext, type WorkItem } from './base-worker.ts'

/**
 * Operations on one item at a time: derive a class, implement `call`, and give the class to a
 * servlet, which makes one object of it in each of its processes or threads.
 *
 * A worker has the process or thread to itself and gets one item after the other: the next when the
 * promise of the one before has settled, or up to `concurrency` at a time where its servlet says so.
 *
 * @typeParam Prepared - What `preprocess` makes of an input; the input itself where there is none.
 * @example
 *   export class GetHead extends Worker<string, string> {
 *     static readonly module = import.meta.url
 *     call(text: string) {
 *       return text[0] ?? ''
 *     }
 *   }
 */
export abstract class Worker<Input, Output, Prepared = Input> extends BaseWorker<Input, Output> {
  /** Prepares one item for `call`; what it throws becomes the error of that item. */
  preprocess?(input: Input): Prepared | Promise<Prepared>

  /**
   * Gives the result for one item; what it throws becomes the error of that item. A `RemoteException`
   * that it returns counts as thrown.
   */
  abstract call(
    input: Prepared,
    item: WorkItem,
  ): Output | RemoteException | Promise<Output | RemoteException>

  /**
   * Where it is implemented, it is called instead of `call`, once, with all items of this worker, and
   * gives their results in the same order; a `RemoteException` is the error of one item. It may take
   * as many items as its servlet's `concurrency` before it gives the first result. When it throws or
   * ends, the items fail that it has taken and not answered, and it is called again for the next ones.
   */
  stream?(inputs: AsyncIterable<Prepared>): AsyncIterable<Output | RemoteException>
}

/** A class whose objects are workers, made with a context and the servlet's `args`. */
export type WorkerClass<Input, Output, Args = unknown> = new (
  context: WorkerContext,
  args: Args,
) => BaseWorker<Input, Output>
