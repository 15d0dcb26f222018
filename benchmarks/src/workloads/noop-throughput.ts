import { measureTraffic } from '../exchange.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { numbersPlus } from './numbers.ts'

/** How many calls of a task that does nothing are answered in a second. */
export const noopThroughput: Workload = {
  name: 'noop-throughput',
  title: 'no-op, 64 in flight',
  unit: 'calls/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(variant.start('echo', 2), async (pool) => {
      const { calls, elapsedMs } = await measureTraffic(pool, numbersPlus(0), 64, seconds)
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    }),
}
