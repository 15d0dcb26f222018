import type { Payload } from '../channel/payload.ts'
import { describeThrown } from '../to-error.ts'
import { crashMessage, type WorkerCrash, WorkerStartError } from '../worker-errors.ts'

/** The error for a worker whose module, constructor or `init` threw; the payload is what it threw. */
export function threwBeforeReady(workerName: string, payload: Payload): WorkerStartError {
  const cause = payload.value()
  return new WorkerStartError(
    { workerName, reason: 'threw', detail: describeThrown(cause) },
    { cause },
  )
}

/** The error for a worker whose process ended, or could not be started, before it was ready. */
export function exitedBeforeReady(crash: WorkerCrash, cause: Error | undefined): WorkerStartError {
  const { workerName, stderrTail, pid } = crash
  const tail = stderrTail.trimEnd().split('\n').slice(-12).join('\n')
  const said = tail === '' ? '' : `; the last lines of its stderr:\n${tail}`
  const idle =
    crash.exitCode === 0 ? ' (by process.exit, or with nothing left that its init waits for)' : ''
  const detail =
    pid === undefined && cause !== undefined
      ? cause.message
      : `${crashMessage(crash)} before it was ready${idle}${said}`
  return new WorkerStartError(
    { workerName, reason: 'exited', detail, stderrTail },
    cause === undefined ? {} : { cause },
  )
}
