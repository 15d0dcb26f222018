import { whySharedMemoryIsUnavailable } from './availability.ts'
import { systemCalls } from './system-calls.ts'

/**
 * Lets others that wait for this processor have it before this thread goes on (`sched_yield`); when
 * nobody waits it returns after half a microsecond. For loops that poll a ring: they must not keep
 * whom they wait for from running.
 *
 * Gives whether that can be done in this program; where memory cannot be shared, it does nothing.
 */
export function yieldProcessor(): boolean {
  yieldNow ??= findYield()
  return yieldNow()
}

let yieldNow: (() => boolean) | undefined

function findYield(): () => boolean {
  if (whySharedMemoryIsUnavailable() !== undefined) return () => false
  const calls = systemCalls()
  return () => {
    calls.yieldProcessor()
    return true
  }
}
