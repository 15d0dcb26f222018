import { TimeoutError, type TimeoutPhase } from '@mpservice/contract'
import { checkTimeoutMs, type StartedTimer, startTimer } from './start-timer.ts'

/** A limit for waiting. */
export interface WaitOptions {
  /** Milliseconds to wait at most; 0 or more. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Ends the wait, which then rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Waits for a promise for a limited time.
 *
 * Time is only called up after the event loop has taken in what had arrived by then, so that a
 * blocked event loop makes no false time-outs.
 *
 * @throws {TimeoutError} When the promise has not settled in time.
 * @throws {RangeError} When `timeoutMs` is negative or no number.
 */
export async function settleWithin<Value>(
  promise: Promise<Value>,
  phase: TimeoutPhase,
  { timeoutMs, signal }: WaitOptions,
): Promise<Value> {
  signal?.throwIfAborted()
  if (timeoutMs !== undefined) checkTimeoutMs(timeoutMs)
  if (timeoutMs === undefined && signal === undefined) return promise
  const startedAt = performance.now()
  let timer: StartedTimer | undefined
  let onAbort: (() => void) | undefined
  const limit = new Promise<never>((_, reject) => {
    if (timeoutMs !== undefined) {
      timer = startTimer(timeoutMs, () => {
        setImmediate(() => {
          const elapsedMs = performance.now() - startedAt
          reject(new TimeoutError({ phase, elapsedMs, timeoutMs }))
        })
      })
    }
    onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    timer?.stop()
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
  }
}
