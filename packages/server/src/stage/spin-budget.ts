import { availableParallelism } from 'node:os'

/** How long results may be waited for awake before the event loop has its turn, in milliseconds. */
const longestMs = 1

/** Waiting awake is of use only where the one who is waited for has a processor, too. */
const hasSecondProcessor = availableParallelism() > 1

let startedAt: number | undefined

/**
 * Whether results may be waited for awake now. One call after the other could otherwise keep the event
 * loop from turning for ever.
 */
export function maySpin(): boolean {
  if (!hasSecondProcessor) return false
  const now = performance.now()
  if (startedAt === undefined) {
    startedAt = now
    setImmediate(() => (startedAt = undefined))
  }
  return now - startedAt < longestMs
}
