import { BatchWorker, Worker } from '@mpservice/server'
import { echo, increment, spin } from '../tasks.ts'

/** The task `echo` as a worker. */
export class Echo extends Worker<unknown, unknown> {
  static readonly module = import.meta.url
  call(value: unknown) {
    return echo(value)
  }
}

/** The task `increment` as a worker. */
export class Increment extends Worker<unknown, unknown> {
  static readonly module = import.meta.url
  call(value: unknown) {
    return increment(value)
  }
}

/** The task `increment` as a worker that takes batches. */
export class IncrementAll extends BatchWorker<unknown, unknown> {
  static readonly module = import.meta.url
  call(values: unknown[]) {
    return values.map(increment)
  }
}

/** The task `spin` as a worker. */
export class Spin extends Worker<unknown, unknown> {
  static readonly module = import.meta.url
  call(value: unknown) {
    return spin(value)
  }
}
