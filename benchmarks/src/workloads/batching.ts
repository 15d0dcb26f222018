import { measureTraffic } from '../exchange.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { numbersPlus } from './numbers.ts'

const batchSize = 100
const inFlight = 1_000

/** How many items a second are answered by workers that take a hundred of them at a time, if they can. */
export const batching: Workload = {
  name: 'batching',
  title: 'no-op in batches of 100 where workers take batches, 1 000 in flight',
  unit: 'items/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) => {
    const starting =
      variant.startBatches?.('increment', 2, batchSize) ?? variant.start('increment', 2)
    return withPool(starting, async (pool) => {
      const { calls, elapsedMs } = await measureTraffic(pool, numbersPlus(1), inFlight, seconds)
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    })
  },
}
