import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnsembleServlet, ProcessServlet, Server } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  isAlive,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Faulty, Nested } from './fixtures/fault-workers.js'
import { inThreads, kinds, onEventLoop, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${name}, a stream whose workers die`, () => {
    const count = 120
    const isKiller = (index: number): boolean => index % 30 === 7
    const orders = numbers(count).map((value) =>
      isKiller(value) ? { do: 'exit', value: 3 } : { do: 'return', value },
    )

    test('keeps its order, and exactly the victims are errors', async () => {
      await using server = await Server.start(servlet(Faulty, { cpus: 2 }))
      const seen: unknown[] = []
      for await (const [order, result] of server.stream(orders, {
        returnX: true,
        returnExceptions: true,
      })) {
        seen.push([orders.indexOf(order), Object(result).code ?? result])
      }
      expect(seen).toEqual(
        numbers(count).map((index) => [index, isKiller(index) ? 'WORKER_CRASHED' : index]),
      )
      await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
    })

    test('ends with the first victim, beside another stream that is not touched', async () => {
      await using server = await Server.start(servlet(Faulty, { cpus: 2 }))
      const other = (async () => {
        const seen: unknown[] = []
        const inputs = numbers(200).map((value) => ({ do: 'sleep', value: value % 3 }))
        for await (const result of server.stream(inputs)) seen.push(result)
        return seen
      })()
      const seen: unknown[] = []
      const reading = (async () => {
        for await (const result of server.stream(orders)) seen.push(result)
      })()
      await expect(reading).rejects.toMatchObject({ code: 'WORKER_CRASHED', exitCode: 3 })
      expect(seen).toEqual(numbers(7))
      expect(await other).toEqual(numbers(200).map((value) => value % 3))
      await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
    })
  })
}

test.each(['at once', 'later'])(
  'inputs that throw %s are ended once, after the results before',
  async (when) => {
    await using server = await Server.start(inThreads.servlet(Faulty))
    let ends = 0
    function* failing() {
      try {
        for (let value = 0; ; value++) {
          if (value === 10) throw new RangeError('no more')
          yield { do: 'return', value }
        }
      } finally {
        ends++
      }
    }
    async function* failingLater() {
      for (const order of failing()) yield await sleep(1, order)
    }
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const result of server.stream(when === 'later' ? failingLater() : failing())) {
        seen.push(result)
      }
    })()
    await expect(reading).rejects.toThrow('no more')
    expect(seen).toEqual(numbers(10))
    expect(ends).toBe(1)
  },
)

test('a member of an ensemble that takes too long, or dies, leaves the other members to later calls', async () => {
  const members = kinds
    .filter(({ isAvailable }) => isAvailable)
    .map(({ servlet }) => servlet(Faulty, { cpus: 2 }))
  await using server = await Server.start<unknown, unknown>(new EnsembleServlet(members))
  const slow = numbers(3).map(() =>
    server.call({ do: 'sleep', value: 500 }, { timeoutMs: 20 }).catch((error) => error.code),
  )
  expect(await Promise.all(slow)).toEqual(Array(3).fill('TIMEOUT'))
  // All that come while late results are on their way get their own.
  for (const value of numbers(30)) {
    const expected = Array(members.length).fill(value)
    expect(await server.call({ do: 'return', value })).toEqual(expected)
  }
  await expect(server.call({ do: 'exit', value: 3 })).rejects.toMatchObject({
    code: 'ENSEMBLE',
    cause: { code: 'WORKER_CRASHED' },
  })
  const value = 'afterwards'
  expect(await server.call({ do: 'return', value })).toEqual(Array(members.length).fill(value))
  await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
})

describe('a worker that has servers of its own', () => {
  test.each([sharing, onEventLoop])('serves, and ends with its server: $name', async (kind) => {
    const server = await Server.start<unknown, unknown>(kind.servlet(Nested))
    expect(await Promise.all(numbers(50).map((x) => server.call(x)))).toEqual(
      numbers(50).map((x) => [2 * x, 2 * x]),
    )
    await expect(server.call({ do: 'kill', value: 'SIGKILL' })).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      workerName: 'Faulty-0',
      signalCode: 'SIGKILL',
    })
    expect(await server.call(1)).toEqual([2, 2])
    await server.close()
    expect(descendants()).toEqual([])
  })

  test('takes their workers along when it is killed, and is replaced with new ones', async () => {
    await using folder = await temporaryDirectory()
    await using server = await Server.start<unknown, unknown>(new ProcessServlet(Nested))
    const before = descendants()
    expect(before.length).toBeGreaterThanOrEqual(3)
    const [worker] = server.debugInfo().servlet.workers ?? []
    const begun = join(folder.path, 'pipe')
    const order = { do: 'block natively', value: begun }
    const busy = server.call(order).catch((error: unknown) => Object(error).code)
    await waitUntil(() => existsSync(begun), { what: 'it is busy' })
    process.kill(worker?.pid ?? 0, 'SIGKILL')
    expect(await busy).toBe('WORKER_CRASHED')
    await waitUntil(() => !before.some(isAlive), { what: 'the old ones are gone' })
    expect(await server.call(1)).toEqual([2, 2])
    await server.kill()
    await waitUntil(() => descendants().length === 0, { what: 'all are gone' })
  })
})

test.each([sharing, inThreads])('a hundred thousand calls can wait: $name', async ({ servlet }) => {
  await using server = await Server.start(servlet(Faulty), { capacity: 64 })
  const count = 100_000
  let most = 0
  let wrong = 0
  await Promise.all(
    numbers(count).map(async (value) => {
      const answer = await server.call({ do: 'return', value }, { backpressure: false })
      if (answer !== value) wrong++
      most = Math.max(most, server.backlog)
    }),
  )
  expect(wrong).toBe(0)
  expect(most).toBeLessThanOrEqual(64)
  expect(server.backlog).toBe(0)
  expect(server.debugInfo().waiting).toBe(0)
})

test('items of 10 MB take memory for those in progress, not for all', async () => {
  const script = new URL('./fixtures/fault-host.js', import.meta.url)
  await using host = await startHost(script, { args: ['largeItems'] })
  const { seen, grownMb, totalMb } = JSON.parse(await host.nextLine({ timeoutMs: 25_000 }))
  expect(seen).toBe(120)
  expect(grownMb).toBeLessThan(totalMb / 3)
  expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
})
