import { hasErrorCode, MpserviceError } from '@mpservice/contract'

/** Why a worker did not become ready: it threw, its process ended, or it took too long. */
export type WorkerStartFailure = 'threw' | 'exited' | 'timeout'

/** A worker did not become ready. `cause` is what its module, constructor or `init` threw, if it did. */
export class WorkerStartError extends MpserviceError {
  static {
    this.prototype.name = 'WorkerStartError'
  }

  readonly code = 'WORKER_START'
  /** The name of the worker. */
  readonly workerName: string
  /** Why it did not become ready. */
  readonly reason: WorkerStartFailure
  /** The last lines that its process wrote to stderr. */
  readonly stderrTail: string

  constructor(
    facts: {
      readonly workerName: string
      readonly reason: WorkerStartFailure
      readonly detail: string
      readonly stderrTail?: string
    },
    options?: ErrorOptions,
  ) {
    super(`worker '${facts.workerName}' did not start: ${facts.detail}`, options)
    this.workerName = facts.workerName
    this.reason = facts.reason
    this.stderrTail = facts.stderrTail ?? ''
  }
}

/** Whether a value is a `WorkerStartError`, from whichever copy of the package. */
export function isWorkerStartError(value: unknown): value is WorkerStartError {
  return hasErrorCode(value, 'WORKER_START')
}

/** What is known of a worker's death. */
export interface WorkerCrash {
  readonly workerName: string
  readonly pid: number | undefined
  readonly exitCode: number | null
  readonly signalCode: NodeJS.Signals | null
  readonly stderrTail: string
  /** How much memory it had, in bytes, when it was ended for that. */
  readonly rssBytes?: number | undefined
}

/** What is known of an item whose worker ended. */
export interface LostItem {
  /** Which attempt at the item it was, from 1. */
  readonly attempt: number
  /** How many items were in its batch; 0 where there are no batches. */
  readonly batchSize: number
}

/** The worker that was working on an item died. */
export class WorkerCrashedError extends MpserviceError {
  static {
    this.prototype.name = 'WorkerCrashedError'
  }

  readonly code = 'WORKER_CRASHED'
  /** The name of the worker. */
  readonly workerName: string
  /** The process id of the worker; `undefined` for a thread. */
  readonly pid: number | undefined
  /** The exit code; `null` when a signal ended it, and when it could not be started or ended at all. */
  readonly exitCode: number | null
  /** The signal that ended it; `null` when it exited. */
  readonly signalCode: NodeJS.Signals | null
  /** Whether it ended because V8's heap was full. */
  readonly isOutOfMemory: boolean
  /** The last lines that its process wrote to stderr. */
  readonly stderrTail: string
  /** How much memory it had, in bytes, when it was ended for `maxRssBytes`; else `undefined`. */
  readonly rssBytes: number | undefined
  /** Which attempt at the item it was, from 1; 0 when the worker had no item. */
  readonly attempt: number
  /** How many items were in the item's batch; 0 where there are no batches. */
  readonly batchSize: number

  constructor(crash: WorkerCrash & Partial<LostItem>, options?: ErrorOptions) {
    const why = options?.cause instanceof Error ? `: ${options.cause.message}` : ''
    super(crashMessage(crash) + why, options)
    this.workerName = crash.workerName
    this.pid = crash.pid
    this.exitCode = crash.exitCode
    this.signalCode = crash.signalCode
    this.isOutOfMemory = isOutOfMemory(crash) || isThreadOutOfMemory(options?.cause)
    this.stderrTail = crash.stderrTail
    this.rssBytes = crash.rssBytes
    this.attempt = crash.attempt ?? 0
    this.batchSize = crash.batchSize ?? 0
  }
}

/** Whether a value is a `WorkerCrashedError`, from whichever copy of the package. */
export function isWorkerCrashedError(value: unknown): value is WorkerCrashedError {
  return hasErrorCode(value, 'WORKER_CRASHED')
}

/** An item took longer than `itemTimeoutMs`; its worker was ended and is replaced. */
export class WorkerStuckError extends MpserviceError {
  static {
    this.prototype.name = 'WorkerStuckError'
  }

  readonly code = 'WORKER_STUCK'
  /** The name of the worker. */
  readonly workerName: string
  /** The process id of the worker; `undefined` for a thread. */
  readonly pid: number | undefined
  /** How long an item, or a batch, may take, in milliseconds. */
  readonly itemTimeoutMs: number
  /** Which attempt at the item it was, from 1. */
  readonly attempt: number
  /** How many items were in the item's batch; 0 where there are no batches. */
  readonly batchSize: number

  constructor(
    facts: LostItem & {
      readonly workerName: string
      readonly pid: number | undefined
      readonly itemTimeoutMs: number
    },
  ) {
    const { workerName, pid, itemTimeoutMs, attempt, batchSize } = facts
    const what = batchSize === 0 ? 'an item' : `a batch of ${batchSize}`
    super(
      `${nameWorker(workerName, pid)} was ended, since it was at ${what} for longer than ${itemTimeoutMs} ms`,
    )
    this.workerName = workerName
    this.pid = pid
    this.itemTimeoutMs = itemTimeoutMs
    this.attempt = attempt
    this.batchSize = batchSize
  }
}

/** Whether a value is a `WorkerStuckError`, from whichever copy of the package. */
export function isWorkerStuckError(value: unknown): value is WorkerStuckError {
  return hasErrorCode(value, 'WORKER_STUCK')
}

/** An item has ended as many workers as it may. `cause` is the end of the last one. */
export class PoisonItemError extends MpserviceError {
  static {
    this.prototype.name = 'PoisonItemError'
  }

  readonly code = 'POISON_ITEM'
  /** How each of its workers ended, in order. */
  readonly deaths: readonly Error[]

  constructor(deaths: readonly Error[]) {
    const last = deaths.at(-1)
    super(
      `the item has ended ${deaths.length} workers, one after the other; the last time: ${last?.message}`,
      { cause: last },
    )
    this.deaths = deaths
  }
}

/** Whether a value is a `PoisonItemError`, from whichever copy of the package. */
export function isPoisonItemError(value: unknown): value is PoisonItemError {
  return hasErrorCode(value, 'POISON_ITEM')
}

/** Says how a worker died, for messages. */
export function crashMessage(crash: WorkerCrash): string {
  const { workerName, pid, exitCode, signalCode, rssBytes } = crash
  const ended = exitCode === null ? 'was lost' : `exited with code ${exitCode}`
  const how = signalCode === null ? ended : `was ended by ${signalCode}`
  const memory = rssBytes === undefined ? 'its heap was full' : `it had ${rssBytes} bytes of memory`
  const why = isOutOfMemory(crash) ? ` (${memory})` : ''
  return `${nameWorker(workerName, pid)} ${how}${why}`
}

function nameWorker(workerName: string, pid: number | undefined): string {
  return `worker '${workerName}'` + (pid === undefined ? '' : ` (pid ${pid})`)
}

function isThreadOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && Reflect.get(cause, 'code') === 'ERR_WORKER_OUT_OF_MEMORY'
}

function isOutOfMemory({ stderrTail, signalCode, exitCode, rssBytes }: WorkerCrash): boolean {
  if (rssBytes !== undefined) return true
  if (signalCode !== 'SIGABRT' && exitCode !== 134) return false
  return /heap out of memory|heap limit/i.test(stderrTail)
}
