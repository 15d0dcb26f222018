import { setTimeout as sleep } from 'node:timers/promises'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

test('asks at once', async () => {
  let asked = 0
  await waitUntil(() => ++asked === 1, { what: 'asked', timeoutMs: 0 })
  expect(asked).toBe(1)
})

test('asks until the condition holds', async () => {
  let asked = 0
  await waitUntil(() => ++asked === 4, { what: 'asked' })
  expect(asked).toBe(4)
})

test('takes a condition that answers later', async () => {
  let asked = 0
  await waitUntil(
    async () => {
      await sleep(1)
      return ++asked === 3
    },
    { what: 'asked' },
  )
  expect(asked).toBe(3)
})

test('names what it has waited for when time is up', async () => {
  const wait = waitUntil(() => false, { what: 'the worker is ready', timeoutMs: 20 })
  await expect(wait).rejects.toThrow(new Error('the worker is ready: not so after 20 ms'))
})

test('does not wait for a condition that does not answer', async () => {
  const wait = waitUntil(() => new Promise(() => undefined), { what: 'answered', timeoutMs: 20 })
  await expect(wait).rejects.toThrow(new Error('answered: no answer to this condition for 20 ms'))
})

test('ends with the error that the condition throws', async () => {
  const error = new RangeError('no such worker')
  const thrown = waitUntil(
    () => {
      throw error
    },
    { what: 'never' },
  )
  await expect(thrown).rejects.toBe(error)
  await expect(waitUntil(() => Promise.reject(error), { what: 'never' })).rejects.toBe(error)
})

test('asks once more when the event loop was blocked until time was up', async () => {
  let holds = false
  setTimeout(() => {
    const end = performance.now() + 60
    while (performance.now() < end);
    holds = true
  }, 1)
  await waitUntil(() => holds, { what: 'it holds', timeoutMs: 20 })
  expect(holds).toBe(true)
})
