import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { keepInFlight, upTo } from '../exchange.ts'
import { residentBytes } from '../resident-memory.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { nestedRecords } from './nested.ts'

const callsPerSecondOfTime = 50_000
const inFlight = 64

/**
 * How much the memory of this process and its children grows over many calls, after half as many
 * calls to warm up: 50 000 calls for each second that a measurement lasts.
 */
export const memoryGrowth: Workload = {
  name: 'memory',
  title: 'growth of resident memory of all processes over many calls',
  unit: 'MiB',
  better: 'lower',
  isComparable: false,
  measure: (variant, { seconds }) =>
    withPool(variant.start('echo', 2), async (pool) => {
      const calls = Math.max(100, Math.round(callsPerSecondOfTime * seconds))
      const makeCalls = (count: number, isExact: boolean) =>
        keepInFlight(pool, nestedRecords, { inFlight, mayBegin: upTo(count), isExact })
      await makeCalls(Math.round(calls / 2), true)
      const before = settledMiB()
      await makeCalls(calls, false)
      const after = settledMiB()
      return { value: after - before, details: { calls, beforeMiB: before, afterMiB: after } }
    }),
}

function settledMiB(): number {
  collectGarbage()
  return residentBytes() / 2 ** 20
}

/** Made in this process only: a flag on the command line would reach the workers, too. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  if (typeof gc === 'function') Reflect.apply(gc, undefined, [])
}
