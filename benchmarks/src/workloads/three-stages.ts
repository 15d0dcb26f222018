import { measureTraffic } from '../exchange.ts'
import { startPipeline, withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { numbersPlus } from './numbers.ts'

const stages = ['increment', 'increment', 'increment'] as const

/** How many items go through three workers, one after the other, in a second. */
export const threeStages: Workload = {
  name: 'three-stages',
  title: 'three stages with one worker each, 64 in flight',
  unit: 'items/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(startPipeline(variant, stages), async (pool) => {
      const exchange = numbersPlus(stages.length)
      const { calls, elapsedMs } = await measureTraffic(pool, exchange, 64, seconds)
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    }),
}
