import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { forSeconds, keepInFlight, type Traffic, upTo } from '../exchange.ts'
import { residentBytes } from '../resident-memory.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { nestedRecords } from './nested.ts'

/** For each second that a measurement lasts: so many calls, unless so much time passes before. */
const maxCalls = 1_000_000
const maxSeconds = 30
const warmUpShare = 0.25
const inFlight = 64

/**
 * How much the memory of this process and its children grows over a million calls, or as many as a
 * slow pool can do in half a minute, after a quarter as many to warm up.
 *
 * The growth is told as it is: what a slow pool would have reached with more calls is not guessed.
 */
export const memoryGrowth: Workload = {
  name: 'memory',
  title: `growth of resident memory of all processes over a million calls, or ${maxSeconds} s of them`,
  unit: 'MiB',
  better: 'lower',
  isComparable: false,
  maxRounds: 1,
  measure: (variant, { seconds }) =>
    withPool(variant.start('echo', 2), async (pool) => {
      const makeCalls = (share: number, isExact: boolean): Promise<Traffic> => {
        const isCounted = upTo(Math.ceil(maxCalls * share))
        const isInTime = forSeconds(maxSeconds * share)
        const mayBegin = (begun: number): boolean => isCounted(begun) && isInTime(begun)
        return keepInFlight(pool, nestedRecords, { inFlight, mayBegin, isExact })
      }
      await makeCalls(seconds * warmUpShare, true)
      const before = settledMiB()
      const { calls } = await makeCalls(seconds, false)
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
