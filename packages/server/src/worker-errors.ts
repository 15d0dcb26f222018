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
  /** The exit code; `null` when a signal ended it. */
  readonly exitCode: number | null
  /** The signal that ended it; `null` when it exited. */
  readonly signalCode: NodeJS.Signals | null
  /** Whether it ended because V8's heap was full. */
  readonly isOutOfMemory: boolean
  /** The last lines that its process wrote to stderr. */
  readonly stderrTail: string

  constructor(crash: WorkerCrash, options?: ErrorOptions) {
    const why = options?.cause instanceof Error ? `: ${options.cause.message}` : ''
    super(crashMessage(crash) + why, options)
    this.workerName = crash.workerName
    this.pid = crash.pid
    this.exitCode = crash.exitCode
    this.signalCode = crash.signalCode
    this.isOutOfMemory = isOutOfMemory(crash) || isThreadOutOfMemory(options?.cause)
    this.stderrTail = crash.stderrTail
  }
}

/** Whether a value is a `WorkerCrashedError`, from whichever copy of the package. */
export function isWorkerCrashedError(value: unknown): value is WorkerCrashedError {
  return hasErrorCode(value, 'WORKER_CRASHED')
}

/** Says how a worker died, for messages. */
export function crashMessage(crash: WorkerCrash): string {
  const { workerName, pid, exitCode, signalCode } = crash
  const how = signalCode === null ? `exited with code ${exitCode}` : `was ended by ${signalCode}`
  const why = isOutOfMemory(crash) ? ' (its heap was full)' : ''
  const where = pid === undefined ? '' : ` (pid ${pid})`
  return `worker '${workerName}'${where} ${how}${why}`
}

function isThreadOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && Reflect.get(cause, 'code') === 'ERR_WORKER_OUT_OF_MEMORY'
}

function isOutOfMemory({ stderrTail, signalCode, exitCode }: WorkerCrash): boolean {
  if (signalCode !== 'SIGABRT' && exitCode !== 134) return false
  return /heap out of memory|heap limit/i.test(stderrTail)
}
