import { setTimeout as sleep } from 'node:timers/promises'
import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  ProcessServlet,
  SequentialServlet,
  Server,
  type ServerMetrics,
  type Servlet,
  type StageMetrics,
  ThreadServlet,
  type WorkingStageMetrics,
} from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Tell } from './fixtures/batch-workers.js'
import { Double, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

/** An order that `Obey` carries out. */
interface Order {
  readonly do: string
  readonly value?: unknown
}

/** Does what orders say that do not need a process of their own. */
async function obey({ do: what, value }: Order): Promise<unknown> {
  if (what === 'throw') throw new RangeError(String(value))
  if (what === 'sleep') await sleep(Number(value))
  return value
}

const stages: readonly [string, () => Servlet<Order, unknown>][] = [
  ['process', () => new ProcessServlet<Order, unknown>(Obey)],
  ['thread', () => new ThreadServlet<Order, unknown>(Obey)],
  ['async', () => new AsyncServlet(makeWorker(obey), { concurrency: 1 })],
]

function workingStages(stage: StageMetrics): WorkingStageMetrics[] {
  return 'children' in stage ? stage.children.flatMap(workingStages) : [stage]
}

/** The metrics of a server of a single stage. */
function single(server: { metrics(): ServerMetrics }): WorkingStageMetrics {
  const [stage] = workingStages(server.metrics().servlet)
  if (stage === undefined) throw new Error('no stage')
  return stage
}

describe.each(stages)('a stage of kind %s', (kind, makeServlet) => {
  test('counts calls and items by what became of them', async () => {
    await using server = await Server.start(makeServlet(), { capacity: 4 })
    const good = [1, 2, 3].map((value) => server.call({ do: 'return', value }))
    await Promise.all(good)
    await expect(server.call({ do: 'throw', value: 1 })).rejects.toThrow(RangeError)

    // The first one is worked on, the others wait for it.
    const leaving = new AbortController()
    const slow = server.call({ do: 'sleep', value: 150 })
    const late = server.call({ do: 'return' }, { timeoutMs: 10 })
    const aborted = server.call({ do: 'return' }, { signal: leaving.signal })
    const last = server.call({ do: 'return' })
    const rejected = server.call({ do: 'return' })
    await expect(rejected).rejects.toMatchObject({ code: 'SERVER_BACKLOG_FULL' })
    leaving.abort(new Error('left'))
    await expect(aborted).rejects.toThrow('left')
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(server.metrics().calls).toMatchObject({ submitted: 8, timedOut: 1, aborted: 1 })
    await Promise.all([slow, last])
    const beforehand = AbortSignal.abort(new Error('before'))
    await expect(server.call({ do: 'return' }, { signal: beforehand })).rejects.toThrow('before')
    await waitUntil(() => server.backlog === 0, { what: 'all items have ended' })

    expect(server.metrics()).toMatchObject({
      state: 'open',
      capacity: 4,
      backlog: 0,
      waiting: 0,
      calls: {
        submitted: 9,
        succeeded: 5,
        failed: 1,
        timedOut: 1,
        aborted: 2,
        ended: 0,
        rejected: 1,
      },
      totalMs: { count: 6 },
    })
    const stage = single(server)
    expect(stage).toMatchObject({
      kind,
      workers: 1,
      queued: 0,
      running: 0,
      items: 6,
      errors: 1,
      skipped: 2,
      evicted: 0,
      retried: 0,
      restarts: 0,
      waitMs: { count: 6 },
      serviceMs: { count: 6 },
      batchSize: null,
    })
    // The one that waited for the slow one has waited about as long as that took.
    expect(stage.serviceMs.maxMs).toBeGreaterThanOrEqual(140)
    expect(stage.waitMs.maxMs).toBeGreaterThan(stage.serviceMs.maxMs / 2)
    expect(server.metrics().totalMs.maxMs).toBeGreaterThanOrEqual(stage.serviceMs.maxMs)
  })

  test('says how long items take, and how busy its worker is', async () => {
    await using server = await Server.start(makeServlet())
    for (let i = 0; i < 20; i++) await server.call({ do: 'return', value: i })
    for (let i = 0; i < 30; i++) await server.call({ do: 'sleep', value: 5 })
    const { serviceMs, waitMs, utilisation, recentUtilisation } = single(server)
    expect(serviceMs.count).toBe(50)
    // A timer of 5 ms may be 1 ms early, by another clock.
    expect(serviceMs.p50Ms).toBeGreaterThanOrEqual(4)
    expect(serviceMs.p50Ms).toBeLessThanOrEqual(serviceMs.p90Ms)
    expect(serviceMs.p90Ms).toBeLessThanOrEqual(serviceMs.p99Ms)
    expect(serviceMs.p99Ms).toBeLessThanOrEqual(serviceMs.maxMs)
    expect(serviceMs.meanMs).toBeGreaterThanOrEqual((30 * 4) / 50)
    // Nothing had to wait for another item.
    expect(waitMs.p50Ms).toBeLessThan(serviceMs.p50Ms)
    const { uptimeMs, totalMs } = server.metrics()
    expect(totalMs.p50Ms).toBeGreaterThanOrEqual(serviceMs.p50Ms * 0.96)
    expect(uptimeMs).toBeGreaterThan(30 * 4)
    for (const share of [utilisation, recentUtilisation]) {
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThanOrEqual(1)
    }
    // Sleeping is most of what there was to do.
    expect(utilisation).toBeGreaterThan((30 * 4) / uptimeMs / 2)
  })

  test('counts what it works on now as being busy', async () => {
    await using server = await Server.start(makeServlet())
    const before = single(server).utilisation ?? 0
    const call = server.call({ do: 'sleep', value: 200 })
    await waitUntil(() => (single(server).utilisation ?? 0) > Math.max(0.2, before), {
      what: 'the item that is worked on counts',
    })
    expect(single(server)).toMatchObject({ running: 1, items: 0 })
    await call
  })
})

describe.each(stages.slice(0, 2))('workers that die, of kind %s', (_, makeServlet) => {
  test('are counted, and their items as errors', async () => {
    await using server = await Server.start(makeServlet())
    await expect(server.call({ do: 'exit', value: 3 })).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
    })
    expect(await server.call({ do: 'return', value: 1 })).toBe(1)
    await expect(server.call({ do: 'exit', value: 3 })).rejects.toThrow('exited with code 3')
    expect(await server.call({ do: 'return', value: 2 })).toBe(2)
    expect(single(server)).toMatchObject({
      items: 4,
      errors: 2,
      restarts: 2,
      serviceMs: { count: 2 },
    })
    expect(server.metrics().calls).toMatchObject({ submitted: 4, succeeded: 2, failed: 2 })
  })

  test('fail alone what cannot be sent to them', async () => {
    await using server = await Server.start(makeServlet())
    await expect(server.call({ do: 'return', value: () => 1 })).rejects.toMatchObject({
      code: 'ENCODE',
    })
    expect(single(server)).toMatchObject({ items: 1, errors: 1, serviceMs: { count: 0 } })
  })
})

test('a batch is one service, and its size is counted', async () => {
  const servlets = [
    new ProcessServlet(Tell, { batchSize: 4, batchWaitMs: 1_000 }),
    new ThreadServlet(Tell, { batchSize: 4, batchWaitMs: 1_000 }),
    new AsyncServlet(Tell, { batchSize: 4, batchWaitMs: 1_000, concurrency: 1 }),
  ]
  for (const servlet of servlets) {
    await using server = await Server.start(servlet)
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((x) => server.call(x)))
    const { items, batchSize, utilisation } = single(server)
    expect(items).toBe(8)
    expect(batchSize).toEqual({ count: 2, mean: 4, p50: 4, p90: 4, p99: 4, max: 4 })
    expect(utilisation).toBeLessThanOrEqual(1)
  }
})

test('the members of a compound servlet are told apart', async () => {
  await using server = await Server.start(
    new SequentialServlet(
      new EnsembleServlet([
        new ProcessServlet(Double, { name: 'a', cpus: 2 }),
        new ThreadServlet(Double, { name: 'b' }),
      ]),
      new AsyncServlet(
        makeWorker(([a, b]: [number, number]) => a + b),
        { name: 'sum' },
      ),
    ),
  )
  await Promise.all([1, 2, 3].map((x) => server.call(x)))
  const { servlet } = server.metrics()
  expect(servlet).toMatchObject({
    name: 'sequential',
    kind: 'sequential',
    children: [
      { name: 'ensemble', kind: 'ensemble' },
      { name: 'sum', kind: 'async' },
    ],
  })
  expect(
    workingStages(servlet).map(({ name, kind, workers, items, utilisation }) => ({
      name,
      kind,
      workers,
      items,
      isLimited: utilisation !== null,
    })),
  ).toEqual([
    { name: 'a', kind: 'process', workers: 2, items: 3, isLimited: true },
    { name: 'b', kind: 'thread', workers: 1, items: 3, isLimited: true },
    { name: 'sum', kind: 'async', workers: 1, items: 3, isLimited: false },
  ])
})

test('an item that waits for a place has not waited in a stage', async () => {
  const servlet = new AsyncServlet(makeWorker(obey))
  await using server = await Server.start(servlet, { capacity: 1 })
  const order = { do: 'sleep', value: 60 }
  await Promise.all([1, 2].map(() => server.call(order, { backpressure: false })))
  const { waitMs, serviceMs } = single(server)
  expect(waitMs.maxMs).toBeLessThan(serviceMs.maxMs)
  expect(server.metrics().totalMs.maxMs).toBeGreaterThan(serviceMs.maxMs * 1.5)
})

test('calls without an answer when the server ends are counted as that', async () => {
  const server = await Server.start(new ProcessServlet(Obey))
  const call = server.call({ do: 'hang' })
  call.catch(() => undefined)
  await server.kill()
  await expect(call).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  expect(server.metrics()).toMatchObject({
    state: 'closed',
    calls: { submitted: 1, ended: 1, failed: 0, aborted: 0 },
  })
})

test('metrics and debugInfo are the same after a round trip through JSON', async () => {
  await using server = await Server.start(
    new EnsembleServlet([
      new ProcessServlet(Obey, { cpus: [0] }),
      new ThreadServlet(Obey),
      new AsyncServlet(makeWorker(obey)),
    ]),
  )
  const call = server.call({ do: 'sleep', value: 50 })
  await server.call({ do: 'return', value: 1 })
  for (const snapshot of [server.metrics(), server.debugInfo()]) {
    expect(JSON.parse(JSON.stringify(snapshot))).toStrictEqual(snapshot)
  }
  await call
})

test('debugInfo says what every worker is at, for how long, and how old calls are', async () => {
  await using server = await Server.start(new ProcessServlet(Obey, { cpus: [0] }), { capacity: 1 })
  const calls = [1, 2].map(() => server.call({ do: 'sleep', value: 80 }, { backpressure: false }))
  await waitUntil(() => server.debugInfo().ageMs.under100 === 2, { what: 'both are 10 ms old' })
  const { ageMs, backlog, waiting, servlet } = server.debugInfo()
  expect({ ageMs, backlog, waiting }).toMatchObject({
    ageMs: { oldest: expect.any(Number), over10000: 0 },
    backlog: 1,
    waiting: 1,
  })
  expect(ageMs.oldest).toBeGreaterThanOrEqual(10)
  const [worker] = servlet.workers ?? []
  expect(worker).toMatchObject({ cpuAffinity: [0], held: 1, epoch: 1, restarts: 0 })
  expect(worker?.currentMs).toBeGreaterThan(0)
  expect(worker?.currentMs).toBeLessThanOrEqual((server.debugInfo().ageMs.oldest ?? 0) + 1)
  await Promise.all(calls)
  expect(server.debugInfo().servlet.workers?.[0]).toMatchObject({ held: 0, currentMs: null })
})
