import { keepInFlight, forSeconds, WrongAnswerError, warmUpShare } from '../exchange.ts'
import { quantile } from '../quantile.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { numbersPlus } from './numbers.ts'

const exchange = numbersPlus(0)

/** The time of one call of a task that does nothing, when there are no others. */
export const noopLatency: Workload = {
  name: 'noop-latency',
  title: 'no-op, one at a time, p50',
  unit: 'µs',
  better: 'lower',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(variant.start('echo', 2), async (pool) => {
      const warmUp = forSeconds(seconds * warmUpShare)
      await keepInFlight(pool, exchange, { inFlight: 1, mayBegin: warmUp, isExact: true })
      const times: number[] = []
      const mayBegin = forSeconds(seconds)
      while (mayBegin(times.length)) {
        const input = times.length
        const startedAt = performance.now()
        const output = await pool.call(input)
        times.push((performance.now() - startedAt) * 1000)
        if (!exchange.isRight(output, input)) throw new WrongAnswerError(input, output)
      }
      times.sort((a, b) => a - b)
      return {
        value: quantile(times, 0.5),
        details: {
          calls: times.length,
          p90Us: quantile(times, 0.9),
          p99Us: quantile(times, 0.99),
          maxUs: quantile(times, 1),
        },
      }
    }),
}
