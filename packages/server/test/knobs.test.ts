import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  AsyncServlet,
  makeWorker,
  moduleRef,
  ProcessServlet,
  SequentialServlet,
  Server,
  type WorkerClass,
} from '@mpservice/server'
import {
  checkLeaksAfterEach,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { readLog, SlowEnd, Supervised, SupervisedBatches } from './fixtures/supervised.js'
import { inThreads, onPipes, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const kinds = [sharing, onPipes, inThreads].filter(({ isAvailable }) => isAvailable)

/** Keeps a server busy until it is told to stop; every answer must be right. */
function keepBusy(server: Server<unknown, unknown>, inFlight = 16): () => Promise<number> {
  const over = new AbortController()
  let calls = 0
  const lanes = Array.from({ length: inFlight }, async () => {
    while (!over.signal.aborted) {
      const value = calls++
      expect(await server.call({ do: 'wait', ms: 1, value })).toBe(value)
    }
  })
  return async () => {
    over.abort()
    await Promise.all(lanes)
    return calls
  }
}

describe.each(kinds)('the workers of a stage, in $name', (kind) => {
  test('can become more and fewer while they serve', async () => {
    await using server = await Server.start(kind.servlet(Supervised, { cpus: 1, name: 'work' }))
    const stage = server.stage('work')
    const stop = keepBusy(server)
    for (const count of [3, 1, 2]) {
      await stage.setWorkers(count)
      expect(stage.workers).toBe(count)
      expect(server.debugInfo().servlet.workers?.map(({ name }) => name)).toEqual(
        Array.from({ length: count }, (_, index) => `work-${index}`),
      )
    }
    expect(await stop()).toBeGreaterThan(0)
    expect(server.backlog).toBe(0)
  })

  test('can be replaced one by one while they serve', async () => {
    await using server = await Server.start(kind.servlet(Supervised, { cpus: 2, name: 'work' }))
    const pids = () => server.debugInfo().servlet.workers?.map(({ pid }) => pid)
    const before = pids()
    const stop = keepBusy(server)
    await server.stage('work').reload()
    expect(await stop()).toBeGreaterThan(0)
    expect(pids()).toHaveLength(2)
    if (kind !== inThreads) expect(pids()?.some((pid) => before?.includes(pid))).toBe(false)
    expect(server.debugInfo().servlet.workers).toMatchObject([{ restarts: 1 }, { restarts: 1 }])
  })

  test('are changed one change after the other, and no more when the server ends', async () => {
    const server = await Server.start(kind.servlet(Supervised, { name: 'work' }))
    const stage = server.stage('work')
    const changes = [stage.setWorkers(2), stage.reload(), stage.setWorkers(1)]
    await Promise.all(changes)
    expect(server.debugInfo().servlet.workers).toMatchObject([{ name: 'work-0', state: 'ready' }])
    const [growing, reloading] = [stage.setWorkers(3), stage.reload()]
    const closed = server.close()
    await expect(growing).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    await expect(reloading).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    await closed
    await expect(stage.setWorkers(1)).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  })
})

test('workers that are replaced run the code that is in their module then', async () => {
  await using folder = await temporaryDirectory()
  const url = pathToFileURL(join(folder.path, 'answer.mjs'))
  const library = import.meta.resolve('@mpservice/server')
  const write = (body: string): Promise<void> =>
    writeFile(
      url,
      `import { Worker } from '${library}'\nexport class Answer extends Worker { ${body} }`,
    )
  await write('call() { return 1 }')
  type Answers = { readonly Answer: WorkerClass<unknown, number> }
  const servlet = new ProcessServlet(moduleRef<Answers>(url).export('Answer'), { cpus: 2 })
  await using server = await Server.start(servlet)
  expect(await server.call(0)).toBe(1)
  await write('call() { return 2 }')
  await server.stage('Answer').reload()
  expect(await Promise.all([server.call(0), server.call(0), server.call(0)])).toEqual([2, 2, 2])
  // What does not start changes nothing.
  await write('constructor() { throw new Error("no third version") }')
  await expect(server.stage('Answer').reload()).rejects.toMatchObject({ code: 'WORKER_START' })
  await expect(server.stage('Answer').setWorkers(3)).rejects.toMatchObject({ code: 'WORKER_START' })
  expect(server.stage('Answer').workers).toBe(2)
  expect(await Promise.all([server.call(0), server.call(0)])).toEqual([2, 2])
  expect(server.state).toBe('open')
})

test('batches can become larger and smaller, and wait for longer and shorter', async () => {
  const options = { batchSize: 2, batchWaitMs: 60_000, name: 'work' }
  await using server = await Server.start(new ProcessServlet(SupervisedBatches, options))
  const stage = server.stage('work')
  const callMany = async (count: number): Promise<void> => {
    const calls = Array.from({ length: count }, (_, value) => server.call({ do: 'return', value }))
    await Promise.all(calls)
  }
  await callMany(2)
  stage.batchSize = 5
  await callMany(5)
  const waiting = callMany(3)
  await waitUntil(() => server.debugInfo().servlet.queued === 3, { what: 'they wait' })
  stage.batchSize = 3
  await waiting
  const alone = callMany(1)
  await waitUntil(() => server.debugInfo().servlet.queued === 1, { what: 'it waits' })
  stage.batchWaitMs = 0
  await alone
  expect(stage).toMatchObject({ batchSize: 3, batchWaitMs: 0 })
})

test('knobs that are not there, and values that are none, are refused', async () => {
  const same = (): AsyncServlet<unknown, unknown> =>
    new AsyncServlet(
      makeWorker((x: unknown) => x),
      { name: 'same' },
    )
  await using server = await Server.start(
    new SequentialServlet(new ProcessServlet(Supervised, { name: 'one' }), same(), same()),
  )
  expect(() => server.stage('other')).toThrow(
    new RangeError("there is no stage 'other': its stages of workers are 'one', 'same', 'same'"),
  )
  expect(() => server.stage('same')).toThrow(/several stages have the name 'same'/)
  const stage = server.stage('one')
  await expect(stage.setWorkers(0)).rejects.toThrow(RangeError)
  await expect(stage.setWorkers(1.5)).rejects.toThrow(RangeError)
  expect(() => (stage.batchSize = 5)).toThrow(/takes one item at a time/)
  expect(() => (stage.batchWaitMs = 5)).toThrow(/takes one item at a time/)
  expect(() => (stage.batchWaitMs = -1)).toThrow(RangeError)
  await using light = await Server.start(same())
  await expect(light.stage('same').reload()).rejects.toThrow(/for good/)
  await expect(light.stage('same').setWorkers(2)).rejects.toThrow(/for good/)
  expect(light.stage('same').workers).toBe(1)
})

test('a server that is closed while its workers are replaced starts no more of them', async () => {
  const server = await Server.start(new ProcessServlet(SlowEnd, { cpus: 2 }))
  const started: number[] = []
  server.on('worker-start', ({ epoch }) => started.push(epoch))
  const reloading = server.stage('SlowEnd').reload()
  const refused = expect(reloading).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  await waitUntil(() => started.length > 0, { what: 'the first successor is ready' })
  await server.close()
  await refused
  const { workers = [] } = server.debugInfo().servlet
  expect(workers.every(({ pid }) => pid === null)).toBe(true)
})

test('a worker that never ends its item does not keep others from coming', async () => {
  await using folder = await temporaryDirectory()
  const log = join(folder.path, 'log')
  const server = await Server.start(new ProcessServlet(Supervised, { cpus: 2, name: 'work' }))
  const stage = server.stage('work')
  const hanging = [1, 2].map((value) => server.call({ do: 'never', value, log }))
  const ended = Promise.allSettled(hanging)
  await waitUntil(() => readLog(log).length === 2, { what: 'both are busy' })
  const fewer = stage.setWorkers(1)
  await stage.setWorkers(2)
  expect(await server.call({ do: 'return', value: 3 })).toBe(3)
  await server.kill()
  await fewer
  expect(await ended).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
})

test('the size of batches that a class has fixed cannot be changed, also where it is not imported', async () => {
  const url = new URL('./fixtures/supervised.js', import.meta.url)
  const worker = moduleRef<typeof import('./fixtures/supervised.js')>(url).export('FixedBatches')
  await using server = await Server.start(new ProcessServlet(worker, { batchSize: 8 }))
  const stage = server.stage('FixedBatches')
  expect(() => (stage.batchSize = 4)).toThrow(/has batches of 8, always/)
  expect(stage.batchSize).toBe(8)
})

test('a program ends when its servers are killed while a batch waits for company', async () => {
  await using host = await startHost(new URL('./fixtures/kill-with-batch.js', import.meta.url))
  expect(await host.nextLine({ timeoutMs: 30_000 })).toBe('SERVER_CLOSED')
  expect(await host.nextLine({ timeoutMs: 30_000 })).toBe('SERVER_CLOSED')
  expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
})
