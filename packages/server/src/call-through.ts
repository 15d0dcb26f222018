import { checkOptions } from '@mpservice/process'
import type { Payload } from './channel/payload.ts'
import { checkPriority } from './check-priority.ts'
import type { PendingCall, Submission } from './pending-call.ts'
import type { ServerCallOptions } from './server-options.ts'
import { settleCall } from './settle-call.ts'

/** What takes calls in. */
export interface CallTarget {
  /** @throws {Error} When it takes nothing any more. */
  checkOpen(): void
  /** See `Backlog.submit`. */
  submit(submission: Submission, waitsForPlace: boolean): PendingCall
}

/** Sends one input through a server and gives the result, as the options say. */
export function callThrough<Output>(
  target: CallTarget,
  input: unknown,
  options: ServerCallOptions | undefined,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    if (options !== undefined) checkOptions(options, optionNames, 'call')
    const { timeoutMs = 60_000, backpressure = true, priority = 0, signal } = options ?? noOptions
    if (priority !== 0) checkPriority(priority)
    target.checkOpen()
    const onOutcome = (outcome: Payload): void => settleCall(outcome, resolve, reject)
    target.submit(
      { input, timeoutMs, priority, source: undefined, signal, onOutcome },
      !backpressure,
    )
  })
}

const noOptions: ServerCallOptions = {}
const optionNames = ['timeoutMs', 'backpressure', 'priority', 'signal'] as const
