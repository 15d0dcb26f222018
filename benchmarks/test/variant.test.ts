import { expect, test } from 'vitest'
import {
  type Pool,
  startEnsemble,
  startPipeline,
  startStream,
  type Variant,
  withPool,
} from '../src/variant.ts'

/** Answers at once and notes what happens to its pools. */
function notingVariant(): { readonly variant: Variant; readonly notes: string[] } {
  const notes: string[] = []
  const variant: Variant = {
    async start(task, workers) {
      notes.push(`start ${task} ${workers}`)
      return {
        call: async (input) => `${String(input)} ${task}`,
        close: async () => notes.push(`close ${task}`),
      }
    },
  }
  return { variant, notes }
}

test('chains pools with one worker each for a variant without pipelines', async () => {
  const { variant, notes } = notingVariant()
  const pool = await startPipeline(variant, ['echo', 'increment', 'spin'])
  expect(await pool.call('1')).toBe('1 echo increment spin')
  await pool.close()
  expect(notes).toEqual([
    'start echo 1',
    'start increment 1',
    'start spin 1',
    'close echo',
    'close increment',
    'close spin',
  ])
})

test('uses the pipeline of a variant that has one', async () => {
  const pool: Pool = { call: async () => 'piped', close: async () => {} }
  const variant = { ...notingVariant().variant, startPipeline: async () => pool }
  expect(await startPipeline(variant, ['echo', 'echo', 'echo'])).toBe(pool)
})

test('calls pools with one worker each together for a variant without ensembles', async () => {
  const { variant, notes } = notingVariant()
  const pool = await startEnsemble(variant, ['echo', 'increment', 'spin'])
  expect(await pool.call('1')).toEqual(['1 echo', '1 increment', '1 spin'])
  await pool.close()
  expect(notes.slice(3)).toEqual(['close echo', 'close increment', 'close spin'])
})

test('uses the ensemble and the stream of a variant that has them', async () => {
  const pool: Pool = { call: async () => 'all', close: async () => {} }
  const streaming = { stream: async function* none() {}, close: async () => {} }
  const variant = {
    ...notingVariant().variant,
    startEnsemble: async () => pool,
    startStream: async () => streaming,
  }
  expect(await startEnsemble(variant, ['echo', 'echo', 'echo'])).toBe(pool)
  expect(await startStream(variant, 'echo', 2, 64)).toBe(streaming)
})

test('calls ahead in order for a variant without streams, and no further than it may', async () => {
  const waiting: (() => void)[] = []
  let most = 0
  const variant: Variant = {
    start: async () => ({
      call: (input) =>
        new Promise((resolve) => {
          most = Math.max(
            most,
            waiting.push(() => resolve(input)),
          )
          // The last of them is answered first.
          if (waiting.length === 3 || input === 9)
            for (const end of waiting.splice(0).toReversed()) end()
        }),
      close: async () => {},
    }),
  }
  const pool = await startStream(variant, 'echo', 2, 3)
  const results: unknown[] = []
  for await (const result of pool.stream([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])) results.push(result)
  expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(most).toBe(3)
})

test('closes a pool after its use', async () => {
  const { variant, notes } = notingVariant()
  expect(await withPool(variant.start('echo', 2), (pool) => Promise.resolve(pool.call(2)))).toBe(
    '2 echo',
  )
  expect(notes).toEqual(['start echo 2', 'close echo'])
})

test('tells the error of a use without waiting for a pool that does not close', async () => {
  const error = new Error('no use')
  const pool: Pool = { call: async () => {}, close: () => new Promise(() => {}) }
  await expect(withPool(Promise.resolve(pool), () => Promise.reject(error))).rejects.toBe(error)
})
