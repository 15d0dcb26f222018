import { join } from 'node:path'
import { ProcessServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { readLog, Supervised, SupervisedBatches } from './fixtures/supervised.js'
import { inThreads, onPipes, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const kinds = [sharing, onPipes, inThreads].filter(({ isAvailable }) => isAvailable)

describe.each(kinds)('workers that serve only so many items, in $name', (kind) => {
  test('are replaced without an item being lost or worked on twice', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    await using server = await Server.start(
      kind.servlet(Supervised, { cpus: 2, maxItemsPerWorker: 50 }),
    )
    const orders = Array.from({ length: 500 }, (_, value) => ({ do: 'return', value, log }))
    const results: unknown[] = []
    for await (const result of server.stream(orders)) results.push(result)
    expect(results).toEqual(orders.map(({ value }) => value))
    const executions = readLog(log)
    expect(executions).toHaveLength(500)
    if (kind === inThreads) return
    const perWorker = new Map<number, number>()
    for (const { pid } of executions) perWorker.set(pid, (perWorker.get(pid) ?? 0) + 1)
    expect(Math.max(...perWorker.values())).toBeLessThanOrEqual(50)
    expect(server.state).toBe('open')
  })

  test('get no more than that in batches either', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    await using server = await Server.start(
      kind.servlet(SupervisedBatches, { batchSize: 8, maxItemsPerWorker: 20 }),
    )
    const orders = Array.from({ length: 70 }, (_, value) => ({ do: 'return', value, log }))
    expect(await Promise.all(orders.map((order) => server.call(order)))).toEqual(
      orders.map(({ value }) => value),
    )
    const perWorker = new Map<number, number>()
    for (const { pid } of readLog(log)) perWorker.set(pid, (perWorker.get(pid) ?? 0) + 1)
    if (kind !== inThreads) expect([...perWorker.values()].slice(0, 3)).toEqual([20, 20, 20])
  })
})

test('a worker that grows is replaced after what it is at, and its items are not lost', async () => {
  await using server = await Server.start(
    new ProcessServlet(Supervised, { maxRssBytes: 200 * 2 ** 20 }),
  )
  const pid = await server.call({ do: 'pid' })
  // Between once and twice what it may have.
  expect(await server.call({ do: 'keep', bytes: 180 * 2 ** 20, value: 1 })).toBe(1)
  const pids = new Set([pid])
  await waitUntil(async () => pids.size < pids.add(await server.call({ do: 'pid' })).size, {
    what: 'another worker serves',
    timeoutMs: 20_000,
  })
  expect(pids.size).toBe(2)
  await waitUntil(() => server.debugInfo().servlet.workers?.length === 1, {
    what: 'the first one has left',
  })
})

test('a worker that grows without end is ended in the middle of its item', async () => {
  await using server = await Server.start(
    new ProcessServlet(Supervised, { maxRssBytes: 150 * 2 ** 20 }),
  )
  await expect(server.call({ do: 'grow' })).rejects.toMatchObject({
    code: 'WORKER_CRASHED',
    isOutOfMemory: true,
    rssBytes: expect.any(Number),
    message: expect.stringMatching(/bytes of memory/),
  })
  expect(await server.call({ do: 'return', value: 2 })).toBe(2)
})
