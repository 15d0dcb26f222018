import { measureTraffic } from '../exchange.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { nestedRecords } from './nested.ts'

/** How many small objects, with objects in them, are carried there and back in a second. */
export const nestedObject: Workload = {
  name: 'nested',
  title: 'nested object of 200 bytes, 64 in flight',
  unit: 'calls/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(variant.start('echo', 2), async (pool) => {
      const { calls, elapsedMs } = await measureTraffic(pool, nestedRecords, 64, seconds)
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    }),
}
