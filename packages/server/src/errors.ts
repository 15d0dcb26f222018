import { hasErrorCode, MpserviceError } from '@mpservice/contract'
import { type ErrorClass, registerException } from '@mpservice/remote-exception'
import { describeThrown } from './to-error.ts'
import {
  PoisonItemError,
  WorkerCrashedError,
  WorkerStartError,
  WorkerStuckError,
} from './worker-errors.ts'

/** A server has no free place for a call that did not want to wait for one. */
export class ServerBacklogFullError extends MpserviceError {
  static {
    this.prototype.name = 'ServerBacklogFullError'
  }

  readonly code = 'SERVER_BACKLOG_FULL'
  /** How many items may be in progress at once. */
  readonly capacity: number
  /** How many items are in progress. */
  readonly backlog: number

  constructor(facts: { readonly capacity: number; readonly backlog: number }) {
    super(
      `the server is full: ${facts.backlog} of ${facts.capacity} items are in progress; use stream, or wait for a place with { backpressure: false }`,
    )
    this.capacity = facts.capacity
    this.backlog = facts.backlog
  }
}

/** Whether a value is a `ServerBacklogFullError`, from whichever copy of the package. */
export function isServerBacklogFullError(value: unknown): value is ServerBacklogFullError {
  return hasErrorCode(value, 'SERVER_BACKLOG_FULL')
}

/** A server was closed before, or while, it had something to do. */
export class ServerClosedError extends MpserviceError {
  static {
    this.prototype.name = 'ServerClosedError'
  }

  readonly code = 'SERVER_CLOSED'

  constructor(message = 'the server is closed') {
    super(message)
  }
}

/** Whether a value is a `ServerClosedError`, from whichever copy of the package. */
export function isServerClosedError(value: unknown): value is ServerClosedError {
  return hasErrorCode(value, 'SERVER_CLOSED')
}

/** A server gave up: a worker kept dying, or its own thread died. `cause` is what happened last. */
export class ServerFailedError extends MpserviceError {
  static {
    this.prototype.name = 'ServerFailedError'
  }

  readonly code = 'SERVER_FAILED'
  /** The name of the worker, or of the server's own thread. */
  readonly workerName: string
  /** How often it died, or did not start, without having begun an item; 1 for a server's own thread. */
  readonly deaths: number

  constructor(
    facts: { readonly workerName: string; readonly deaths: number; readonly withinMs?: number },
    options: ErrorOptions,
  ) {
    const { workerName, deaths, withinMs } = facts
    const what =
      withinMs === undefined
        ? `its own thread '${workerName}' died`
        : `worker '${workerName}' died ${deaths} times within ${withinMs / 1_000} s without having begun an item; the last time`
    super(`the server failed, since ${what}: ${describeThrown(options.cause)}`, options)
    this.workerName = workerName
    this.deaths = deaths
  }
}

/** Whether a value is a `ServerFailedError`, from whichever copy of the package. */
export function isServerFailedError(value: unknown): value is ServerFailedError {
  return hasErrorCode(value, 'SERVER_FAILED')
}

/** Members of an ensemble failed. `cause` is the first failure, the very one among `results`. */
export class EnsembleError extends MpserviceError {
  static {
    this.prototype.name = 'EnsembleError'
  }

  readonly code = 'ENSEMBLE'
  /** What each member gave: its result, its error, or `undefined` when it had not finished. */
  readonly results: readonly unknown[]
  /** How many members had finished, with a result or an error. */
  readonly finished: number
  /** How many members the ensemble has. */
  readonly total: number

  constructor(
    facts: {
      readonly results: readonly unknown[]
      readonly finished: number
      readonly total: number
    },
    options: ErrorOptions,
  ) {
    const { finished, total } = facts
    const reason = describeThrown(options.cause)
    super(
      `a member of the ensemble failed (${finished} of ${total} had finished): ${reason}`,
      options,
    )
    this.results = facts.results
    this.finished = finished
    this.total = total
  }
}

/** Whether a value is an `EnsembleError`, from whichever copy of the package. */
export function isEnsembleError(value: unknown): value is EnsembleError {
  return hasErrorCode(value, 'ENSEMBLE')
}

/** A batch worker gave other than one result for each item. Every item of the batch fails with it. */
export class BatchResultError extends MpserviceError {
  static {
    this.prototype.name = 'BatchResultError'
  }

  readonly code = 'BATCH_RESULT'
  /** The name of the worker. */
  readonly workerName: string
  /** How many items the batch had. */
  readonly expected: number
  /** How many results there were; `undefined` when it was no list. */
  readonly received: number | undefined

  constructor(facts: {
    readonly workerName: string
    readonly expected: number
    readonly received: number | undefined
  }) {
    const { workerName, expected, received } = facts
    const what = received === undefined ? 'no list' : `${received} results`
    super(`worker '${workerName}' gave ${what} for a batch of ${expected}`)
    this.workerName = workerName
    this.expected = expected
    this.received = received
  }
}

/** Whether a value is a `BatchResultError`, from whichever copy of the package. */
export function isBatchResultError(value: unknown): value is BatchResultError {
  return hasErrorCode(value, 'BATCH_RESULT')
}

// A second copy of this package leaves the first one's classes in place.
for (const Class of [
  ServerBacklogFullError,
  ServerClosedError,
  ServerFailedError,
  WorkerStartError,
  WorkerCrashedError,
  WorkerStuckError,
  PoisonItemError,
  EnsembleError,
  BatchResultError,
] satisfies ErrorClass[]) {
  registerException<Error>(Class, { name: `mpservice.${Class.prototype.name}`, ifTaken: 'keep' })
}
