import { type Exchange, measureTraffic } from '../exchange.ts'
import { startEnsemble, withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'

const members = ['echo', 'increment', 'echo'] as const

/** How many items three workers side by side answer together in a second. */
export const ensemble: Workload = {
  name: 'ensemble',
  title: 'ensemble of three members with one worker each, 64 in flight',
  unit: 'items/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(startEnsemble(variant, members), async (pool) => {
      const { calls, elapsedMs } = await measureTraffic(pool, numbersThrice, 64, seconds)
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    }),
}

/** Sends numbers, and expects of each a list of what the members make of it. */
const numbersThrice: Exchange = {
  inputFor: (call) => call,
  isRight,
  isExactlyRight: isRight,
}

function isRight(output: unknown, input: unknown): boolean {
  if (!Array.isArray(output) || typeof input !== 'number') return false
  const [first, second, third]: readonly unknown[] = output
  return output.length === 3 && first === input && second === input + 1 && third === input
}
