import { WrongAnswerError } from '../exchange.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'

/** The time from the wish for two workers to the first answer; the library is loaded already. */
export const firstResult: Workload = {
  name: 'first-result',
  title: 'start of two workers to first result',
  unit: 'ms',
  better: 'lower',
  isComparable: true,
  measure: (variant) => {
    const startedAt = performance.now()
    return withPool(variant.start('echo', 2), async (pool) => {
      const readyMs = performance.now() - startedAt
      const output = await pool.call(1)
      const value = performance.now() - startedAt
      if (output !== 1) throw new WrongAnswerError(1, output)
      return { value, details: { readyMs } }
    })
  },
}
