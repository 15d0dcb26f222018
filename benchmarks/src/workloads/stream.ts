import { forSeconds, type Traffic, warmUpShare, WrongAnswerError } from '../exchange.ts'
import { startStream, type StreamPool, withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'

/** How many numbers come back in order, of a stream through a task that does nothing, in a second. */
export const stream: Workload = {
  name: 'stream',
  title: 'stream of no-ops, in order, 64 ahead',
  unit: 'items/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(startStream(variant, 'echo', 2, 64), async (pool) => {
      await readStream(pool, forSeconds(seconds * warmUpShare))
      const { calls, elapsedMs } = await readStream(pool, forSeconds(seconds))
      return { value: (calls / elapsedMs) * 1000, details: { calls, elapsedMs } }
    }),
}

/** @throws {WrongAnswerError} When a result is not the next number, or there are too few. */
async function readStream(
  pool: StreamPool,
  mayBegin: (callsBegun: number) => boolean,
): Promise<Traffic> {
  let sent = 0
  function* numbers() {
    while (mayBegin(sent)) yield sent++
  }
  let calls = 0
  const startedAt = performance.now()
  for await (const output of pool.stream(numbers())) {
    if (output !== calls) throw new WrongAnswerError(calls, output)
    calls++
  }
  if (calls !== sent) throw new WrongAnswerError(sent - 1, undefined)
  return { calls, elapsedMs: performance.now() - startedAt }
}
