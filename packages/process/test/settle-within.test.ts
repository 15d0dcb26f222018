import { getEventListeners } from 'node:events'
import { settleWithin } from '@mpservice/process'
import { expect, test } from 'vitest'

const never = new Promise<string>(() => undefined)

test('gives what the promise gives, and throws what it throws', async () => {
  expect(await settleWithin(Promise.resolve('yes'), 'start', { timeoutMs: 1_000 })).toBe('yes')
  expect(await settleWithin(Promise.resolve('yes'), 'start', {})).toBe('yes')
  const reason = new Error('no')
  await expect(settleWithin(Promise.reject(reason), 'start', { timeoutMs: 1_000 })).rejects.toBe(
    reason,
  )
})

test('ends with a time-out that names the phase', async () => {
  await expect(settleWithin(never, 'start', { timeoutMs: 5 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    phase: 'start',
    timeoutMs: 5,
  })
})

test('does not call time over what arrived while the event loop was blocked', async () => {
  const arrived = new Promise<string>((resolve) => setTimeout(() => resolve('in time'), 10))
  const waiting = settleWithin(arrived, 'start', { timeoutMs: 20 })
  const end = performance.now() + 100
  while (performance.now() < end);
  expect(await waiting).toBe('in time')
})

test('ends with the reason of the signal, and keeps no listener', async () => {
  const controller = new AbortController()
  const { signal } = controller
  await settleWithin(Promise.resolve(), 'start', { signal })
  const waiting = settleWithin(never, 'start', { signal })
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(settleWithin(never, 'start', { signal })).rejects.toBe(reason)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
