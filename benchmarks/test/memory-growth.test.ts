import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Pool, Variant } from '../src/variant.ts'
import { memoryGrowth } from '../src/workloads/memory-growth.ts'

function poolOf(call: Pool['call']): Variant {
  return { start: async () => ({ call, close: async () => {} }) }
}

test('sees that a pool keeps memory for each call', async () => {
  const kept: Buffer[] = []
  const { value, details } = await memoryGrowth.measure(
    poolOf(async (input) => {
      kept.push(Buffer.alloc(10_000, 1))
      return input
    }),
    { seconds: 0.01 },
  )
  expect(details).toMatchObject({ calls: 10_000 })
  expect(value).toBeGreaterThan(50)
  expect(kept).toHaveLength(12_500)
})

test('is content with fewer calls of a slow pool', async () => {
  const slow = poolOf((input) => delay(50, input))
  const { details } = await memoryGrowth.measure(slow, { seconds: 0.01 })
  expect(details['calls']).toBeLessThan(10_000)
})
