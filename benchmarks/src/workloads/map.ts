import { forSeconds, warmUpShare, WrongAnswerError } from '../exchange.ts'
import { type MapPool, startMap, withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'

/** How many numbers are in a list. */
const listLength = 10_000

/** How many numbers of long lists are incremented in a second. */
export const map: Workload = {
  name: 'map',
  title: 'lists of 10 000 numbers, each of which is incremented',
  unit: 'items/s',
  better: 'higher',
  isComparable: true,
  measure: (variant, { seconds }) =>
    withPool(startMap(variant, 2), async (pool) => {
      await mapLists(pool, forSeconds(seconds * warmUpShare))
      const { items, elapsedMs } = await mapLists(pool, forSeconds(seconds))
      return { value: (items / elapsedMs) * 1000, details: { items, elapsedMs } }
    }),
}

/** @throws {WrongAnswerError} When a result is not that of the number in its place. */
async function mapLists(
  pool: MapPool,
  mayBegin: (listsBegun: number) => boolean,
): Promise<{ items: number; elapsedMs: number }> {
  const startedAt = performance.now()
  let items = 0
  for (let list = 0; mayBegin(list); list++) {
    const inputs = Array.from({ length: listLength }, (_, index) => items + index)
    const outputs = await pool.map(inputs)
    inputs.forEach((input, index) => {
      if (outputs[index] !== input + 1) throw new WrongAnswerError(input, outputs[index])
    })
    items += listLength
  }
  return { items, elapsedMs: performance.now() - startedAt }
}
