import { expect, test } from 'vitest'
import { type Pool, startPipeline, type Variant, withPool } from '../src/variant.ts'

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
