import { expect, test } from 'vitest'
import type { Variant } from '../src/variant.ts'
import { idleCpu } from '../src/workloads/idle-cpu.ts'

/** Answers at once; meanwhile and afterwards it does something every 5 ms. */
function doing(deed: () => void): Variant {
  return {
    async start() {
      const timer = setInterval(deed, 5)
      return { call: async (input) => input, close: async () => clearInterval(timer) }
    },
  }
}

function spinFor(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('tells a pool that is busy while nobody calls it from one that sleeps', async () => {
  const settings = { seconds: 0.1 }
  const asleep = await idleCpu.measure(
    doing(() => {}),
    settings,
  )
  const busy = await idleCpu.measure(
    doing(() => spinFor(20)),
    settings,
  )
  expect(busy.value).toBeGreaterThan(asleep.value + 10)
})
