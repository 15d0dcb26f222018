import type { RemoteException } from '@mpservice/process'
import type { WorkItem } from './base-worker.ts'
import { closureMark } from './worker-class.ts'
import { Worker, type WorkerClass } from './worker.ts'

/**
 * Makes a worker class from a function, for a light step on the event loop.
 *
 * The class exists in this process only: an `AsyncServlet` takes it, a `ProcessServlet` does not.
 *
 * @example
 *   new AsyncServlet(makeWorker((x: number) => x * 2))
 */
export function makeWorker<Input, Output>(
  call: (
    input: Input,
    item: WorkItem,
  ) => Output | RemoteException | Promise<Output | RemoteException>,
): WorkerClass<Input, Output> {
  class FunctionWorker extends Worker<Input, Output> {
    call(
      input: Input,
      item: WorkItem,
    ): Output | RemoteException | Promise<Output | RemoteException> {
      return call(input, item)
    }
  }
  Object.defineProperty(FunctionWorker, closureMark, { value: true })
  return FunctionWorker
}

/** A worker that gives each item back as it is; in an ensemble it keeps the input beside the results. */
export class PassThrough<Item> extends Worker<Item, Item> {
  static readonly module: string = import.meta.url

  call(item: Item): Item {
    return item
  }
}
