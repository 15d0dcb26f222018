import { forSeconds, warmUpShare, WrongAnswerError } from '../exchange.ts'
import type { SyncPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { nestedRecords } from './nested.ts'

/** How many small objects are carried there and back in a second for code that cannot await. */
export const sync: Workload = {
  name: 'sync',
  title: 'nested object of 200 bytes, one at a time, for a caller that blocks',
  unit: 'calls/s',
  better: 'higher',
  isComparable: true,
  async measure(variant, { seconds }) {
    const pool = variant.startSync?.()
    if (pool === undefined) throw new TypeError('the variant is not made for that')
    try {
      callFor(pool, seconds * warmUpShare)
      const { calls, elapsedMs } = callFor(pool, seconds)
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    } finally {
      pool.close()
    }
  },
}

/** @throws {WrongAnswerError} When an answer is not right. */
function callFor(pool: SyncPool, seconds: number): { calls: number; elapsedMs: number } {
  const mayBegin = forSeconds(seconds)
  const startedAt = performance.now()
  let calls = 0
  for (; mayBegin(calls); calls++) {
    const input = nestedRecords.inputFor(calls)
    const output = pool.callSync(input)
    if (!nestedRecords.isRight(output, input)) throw new WrongAnswerError(input, output)
  }
  return { calls, elapsedMs: performance.now() - startedAt }
}
