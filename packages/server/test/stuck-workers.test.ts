import { join } from 'node:path'
import { AsyncServlet, makeWorker, ProcessServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { readLog, Supervised, SupervisedBatches, SyncSupervised } from './fixtures/supervised.js'
import { inThreads, onPipes, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const kinds = [sharing, onPipes, inThreads].filter(({ isAvailable }) => isAvailable)

describe.each(kinds)('a worker that is at one item for too long, in $name', (kind) => {
  test.each([
    ['that loops', SyncSupervised, 'loop'],
    ['whose promise never settles', Supervised, 'never'],
  ])('is ended, and its item fails: one %s', async (_, worker, what) => {
    await using server = await Server.start(kind.servlet(worker, { itemTimeoutMs: 200 }))
    const before = await server.call({ do: 'pid' })
    const stuck = server.call({ do: what })
    const next = server.call({ do: 'return', value: 2 })
    await expect(stuck).rejects.toMatchObject({
      code: 'WORKER_STUCK',
      itemTimeoutMs: 200,
      attempt: 1,
      batchSize: 0,
      workerName: `${worker.name}-0`,
      pid: kind === inThreads ? undefined : before,
    })
    expect(await next).toBe(2)
    expect(server.backlog).toBe(0)
  })

  test('costs the other items that it is at a second attempt, but no error', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    const until = join(folder.path, 'until')
    await using server = await Server.start(
      kind.servlet(Supervised, { itemTimeoutMs: 400, concurrency: 3 }),
    )
    const stuck = server.call({ do: 'never', value: 1, log })
    await waitUntil(() => readLog(log).length === 1, { what: 'it is begun' })
    // Others come and go, so that one is young when time is up for the first.
    const over = new AbortController()
    const late = (async () => {
      let last
      do last = await server.call({ do: 'wait', ms: 150, value: 2, log, until })
      while (!over.signal.aborted)
      return last
    })()
    await expect(stuck).rejects.toMatchObject({ code: 'WORKER_STUCK' })
    over.abort()
    expect(await late).toBe(2)
    expect(readLog(log).some(({ value, attempt }) => value === 2 && attempt === 2)).toBe(true)
  })

  test('fails with its whole batch, or finds the guilty one where items are tried again', async () => {
    const options = { batchSize: 4, batchWaitMs: 10_000, itemTimeoutMs: 300 }
    const orders = [1, 2, 3, 4].map((value) => ({ do: value === 2 ? 'never' : 'return', value }))
    {
      await using server = await Server.start(kind.servlet(SupervisedBatches, options))
      const outcomes = await Promise.allSettled(orders.map((order) => server.call(order)))
      expect(outcomes).toMatchObject(
        orders.map(() => ({ reason: { code: 'WORKER_STUCK', batchSize: 4 } })),
      )
    }
    await using server = await Server.start(
      kind.servlet(SupervisedBatches, { ...options, retries: 1 }),
    )
    const outcomes = await Promise.allSettled(orders.map((order) => server.call(order)))
    expect(outcomes).toMatchObject([
      { value: 1 },
      { reason: { code: 'POISON_ITEM', deaths: [{ batchSize: 4 }, { batchSize: 1 }] } },
      { value: 3 },
      { value: 4 },
    ])
  })
})

test('a server whose event loop was blocked takes nobody for stuck who is not', async () => {
  await using server = await Server.start(
    new ProcessServlet(Supervised, { cpus: 2, itemTimeoutMs: 150 }),
  )
  const pids = server.debugInfo().servlet.workers?.map(({ pid }) => pid)
  for (let round = 0; round < 3; round++) {
    const calls = Array.from({ length: 50 }, (_, value) => server.call({ do: 'return', value }))
    const end = performance.now() + 500
    while (performance.now() < end);
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, (_, value) => value))
  }
  expect(server.debugInfo().servlet.workers?.map(({ pid }) => pid)).toEqual(pids)
})

test.runIf(process.platform === 'linux')(
  'a worker that a signal has stopped is ended when it does not go on (only where /proc is)',
  async () => {
    await using server = await Server.start(new ProcessServlet(Supervised, { retries: 1 }))
    const pid = Number(await server.call({ do: 'pid' }))
    process.kill(pid, 'SIGSTOP')
    const began = performance.now()
    const next = await server.call({ do: 'pid' })
    expect(next).not.toBe(pid)
    // One that goes on in time is left alone.
    process.kill(Number(next), 'SIGSTOP')
    const waiting = server.call({ do: 'pid' })
    await new Promise((resolve) => setTimeout(resolve, (performance.now() - began) / 4))
    process.kill(Number(next), 'SIGCONT')
    expect(await waiting).toBe(next)
  },
  60_000,
)

test('a limit that is none is refused, and an async servlet has none', async () => {
  const make = (options: object) => () => new ProcessServlet(Supervised, options)
  expect(make({ itemTimeoutMs: 0 })).toThrow(RangeError)
  expect(make({ itemTimeoutMs: -1 })).toThrow(RangeError)
  expect(make({ retries: 1.5 })).toThrow(RangeError)
  expect(make({ retries: -1 })).toThrow(RangeError)
  expect(make({ maxItemsPerWorker: 0 })).toThrow(RangeError)
  expect(make({ maxRssBytes: 0 })).toThrow(RangeError)
  expect(make({ onAbandon: 'ignore' })).toThrow(/onAbandon is ignore: give 'finish' or/)
  // @ts-expect-error -- nothing on the event loop can be ended
  expect(() => new AsyncServlet(makeWorker(String), { onAbandon: 'kill' })).toThrow(TypeError)
  // @ts-expect-error -- nor limited
  expect(() => new AsyncServlet(makeWorker(String), { itemTimeoutMs: 5 })).toThrow(TypeError)
})
