import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { initializeRing, ringMemoryBytes, SharedMemory } from '@mpservice/shared-memory'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

const bytes = ringMemoryBytes(64)
const minRounds = 2_000
const noneLost = { lost: 0, hasMetOften: true, sides: ['writer', 'reader'] }

test('a side of a ring in a block that parks while the other one acts is woken or stays awake', async () => {
  using block = SharedMemory.create(bytes)
  expect(await duel(block.buf, block.handle)).toEqual(noneLost)
})

test('a side of a ring in a shared buffer that parks while the other one acts is woken or stays awake', async () => {
  const memory = new Uint8Array(new SharedArrayBuffer(bytes))
  expect(await duel(memory, memory)).toEqual(noneLost)
})

async function duel(memory: Uint8Array, shared: unknown): Promise<unknown> {
  initializeRing(memory)
  const notes = new Int32Array(new SharedArrayBuffer(16))
  const start = async (side: string): Promise<{ side: string; meetings: number }> => {
    const worker = new Worker(new URL('./fixtures/ring-duel.js', import.meta.url), {
      workerData: { shared, notes, side, durationMs: 1_000, minRounds },
    })
    const [[result]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    return result
  }
  const results = await Promise.all([start('writer'), start('reader')])
  const [, , lost] = notes
  return {
    lost,
    hasMetOften: results.every(({ meetings }) => meetings > minRounds),
    sides: results.map(({ side }) => side),
  }
}
