import { expect, test } from 'vitest'
import { keepInFlight, upTo, WrongAnswerError } from '../src/exchange.ts'
import type { Pool } from '../src/variant.ts'
import { payloadsOf } from '../src/workloads/echo.ts'
import { nestedRecord, nestedRecords } from '../src/workloads/nested.ts'
import { numbersPlus } from '../src/workloads/numbers.ts'

function poolOf(answer: (input: unknown) => unknown): Pool {
  return {
    call: async (input) => answer(input),
    close: async () => {},
  }
}

test('keeps as many calls in flight as it is told, and counts them', async () => {
  let inFlight = 0
  const seen: number[] = []
  const pool: Pool = {
    async call(input) {
      inFlight += 1
      seen.push(inFlight)
      await new Promise((resolve) => setImmediate(resolve))
      inFlight -= 1
      return input
    },
    close: async () => {},
  }
  const options = { inFlight: 5, mayBegin: upTo(23), isExact: true }
  const { calls } = await keepInFlight(pool, numbersPlus(0), options)
  expect([calls, seen.length, Math.max(...seen)]).toEqual([23, 23, 5])
})

test.each([
  ['a number', numbersPlus(3), (input: unknown) => Number(input) + 3, () => 7],
  ['nothing', numbersPlus(0), (input: unknown) => input, () => undefined],
  ['another record', nestedRecords, structuredClone, () => nestedRecord(1)],
  ['no record', nestedRecords, structuredClone, () => 'record'],
  ['bytes of the call before', payloadsOf(1024), structuredClone, () => new Uint8Array(1024)],
  ['too few bytes', payloadsOf(1024), structuredClone, () => new Uint8Array(1023)],
  [
    'an object like bytes',
    payloadsOf(8),
    structuredClone,
    (input: unknown) => ({ ...Object(input) }),
  ],
])('accepts right answers and refuses %s', async (_name, exchange, right, wrong) => {
  for (const isExact of [false, true]) {
    const options = { inFlight: 2, mayBegin: upTo(10), isExact }
    expect(await keepInFlight(poolOf(right), exchange, options)).toMatchObject({ calls: 10 })
    const refused = keepInFlight(poolOf(wrong), exchange, options)
    await expect(refused).rejects.toBeInstanceOf(WrongAnswerError)
  }
})

test('sees a single wrong byte while the pool warms up', async () => {
  const pool = poolOf((input) => {
    const copy = structuredClone(input)
    if (copy instanceof Uint8Array) copy[5] = (copy[5] ?? 0) + 1
    return copy
  })
  const options = { inFlight: 1, mayBegin: upTo(1), isExact: true }
  const refused = keepInFlight(pool, payloadsOf(1024), options)
  await expect(refused).rejects.toBeInstanceOf(WrongAnswerError)
})

test('says what was sent and what came', () => {
  expect(new WrongAnswerError(3, { id: 4 }).message).toBe('the answer to 3 was { id: 4 }')
})

test('begins no calls after a wrong answer', async () => {
  let calls = 0
  const pool = poolOf(() => (calls += 1) && -1)
  const options = { inFlight: 3, mayBegin: upTo(1000), isExact: true }
  await expect(keepInFlight(pool, numbersPlus(0), options)).rejects.toThrow('was -1')
  expect(calls).toBe(3)
})

test('sends nested records of 200 bytes', () => {
  expect(JSON.stringify(nestedRecords.inputFor(0))).toHaveLength(200)
})
