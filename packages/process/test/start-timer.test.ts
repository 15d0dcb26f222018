import { checkTimeoutMs, startTimer } from '@mpservice/process'
import { expect, test } from 'vitest'

test('calls back once, after the time', async () => {
  let calls = 0
  await new Promise<void>((resolve) => {
    startTimer(5, () => {
      calls++
      resolve()
    })
  })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(calls).toBe(1)
})

test.each([Infinity, 2 ** 31, 90 * 24 * 3_600_000])(
  'of %s ms does not end at once',
  async (timeoutMs) => {
    let isOver = false
    const timer = startTimer(timeoutMs, () => {
      isOver = true
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    timer.stop()
    expect(isOver).toBe(false)
  },
)

test('does not call back when it is stopped', async () => {
  let isOver = false
  startTimer(1, () => {
    isOver = true
  }).stop()
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(isOver).toBe(false)
})

test.each([-1, NaN])('refuses %s, naming the option', (timeoutMs) => {
  expect(() => startTimer(timeoutMs, () => undefined)).toThrow(RangeError)
  expect(() => checkTimeoutMs(timeoutMs, 'drainTimeoutMs')).toThrow(
    `drainTimeoutMs is ${timeoutMs}: give 0 or more`,
  )
  expect(() => checkTimeoutMs(0)).not.toThrow()
})
