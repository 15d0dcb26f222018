import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  ProcessServlet,
  Server,
  type WorkItem,
} from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import {
  MixedAnswers,
  readLog,
  Supervised,
  SupervisedBatches,
  SyncSupervised,
} from './fixtures/supervised.js'
import { inThreads, onPipes, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const sharingKinds = [sharing, inThreads].filter(({ isAvailable }) => isAvailable)
const kinds = [...sharingKinds, onPipes]

describe.each(sharingKinds)('synchronous work that nobody waits for any more, in $name', (kind) => {
  test('can know it when its caller has left, and when its time is up', async () => {
    await using folder = await temporaryDirectory()
    await using server = await Server.start(kind.servlet(SyncSupervised))
    const log = join(folder.path, 'log')
    const controller = new AbortController()
    const [left, late] = [join(folder.path, 'left'), join(folder.path, 'late')]
    const call = server.call(
      { do: 'loop-until-abandoned', until: left, log },
      { signal: controller.signal },
    )
    await waitUntil(() => existsSync(log), { what: 'it is begun' })
    controller.abort(new Error('changed my mind'))
    await expect(call).rejects.toThrow('changed my mind')
    await waitUntil(() => existsSync(left), { what: 'the worker knows' })
    await expect(
      server.call({ do: 'loop-until-abandoned', until: late }, { timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' })
    await waitUntil(() => existsSync(late), { what: 'the worker knows' })
    await waitUntil(() => server.backlog === 0, { what: 'its place is free' })
    // What comes next is somebody's.
    expect(await server.call({ do: 'loop-until', until: late })).toBe(false)
  })

  test('is not told where abandoned items are finished', async () => {
    await using folder = await temporaryDirectory()
    const [log, until] = [join(folder.path, 'log'), join(folder.path, 'until')]
    const worker = kind.servlet(SyncSupervised, { onAbandon: 'finish' })
    await using server = await Server.start(worker, { capacity: 2 })
    const controller = new AbortController()
    const { signal } = controller
    const call = server.call({ do: 'loop-until-abandoned', until, log }, { signal })
    await waitUntil(() => existsSync(log), { what: 'it is begun' })
    controller.abort(new Error('changed my mind'))
    await expect(call).rejects.toThrow('changed my mind')
    await sleep(100)
    expect(existsSync(until)).toBe(false)
    expect(server.backlog).toBe(1)
    await server.kill()
  })
})

describe.each(kinds)('asynchronous work that nobody waits for any more, in $name', (kind) => {
  test('is told by a signal', async () => {
    await using folder = await temporaryDirectory()
    const file = (name: string) => join(folder.path, name)
    await using server = await Server.start(kind.servlet(Supervised, { concurrency: 2 }))
    const controller = new AbortController()
    const { signal } = controller
    const call = server.call(
      { do: 'wait-for-signal', until: file('a'), log: file('log') },
      { signal },
    )
    await waitUntil(() => existsSync(file('log')), { what: 'it is begun' })
    const other = server.call({ do: 'wait-for-signal', until: file('b') }, { timeoutMs: 2_000 })
    controller.abort(new Error('changed my mind'))
    await expect(call).rejects.toThrow('changed my mind')
    await waitUntil(() => existsSync(file('a')), { what: 'the worker knows' })
    expect(readFileSync(file('a'), 'utf8')).toBe('AbortError')
    expect(existsSync(file('b'))).toBe(false)
    await expect(other).rejects.toMatchObject({ code: 'TIMEOUT' })
    await waitUntil(() => existsSync(file('b')), { what: 'the worker knows' })
    await waitUntil(() => server.backlog === 0, { what: 'both places are free' })
  })

  test('ends with its worker where that is asked for, and the rest of its batch is worked on again', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    await using server = await Server.start(
      kind.servlet(SupervisedBatches, { batchSize: 3, batchWaitMs: 10_000, onAbandon: 'kill' }),
    )
    const controller = new AbortController()
    const { signal } = controller
    const first = server.call({ do: 'return', value: 1, log })
    const never = server.call({ do: 'never', value: 2, log }, { signal })
    const last = server.call({ do: 'return', value: 3, log })
    await waitUntil(() => readLog(log).length === 2, { what: 'the batch is begun' })
    controller.abort(new Error('changed my mind'))
    await expect(never).rejects.toThrow('changed my mind')
    const rest = [first, last]
    // Two do not fill a batch.
    const filling = server.call({ do: 'return', value: 4 })
    expect(await Promise.all([...rest, filling])).toEqual([1, 3, 4])
    expect(readLog(log).map(({ value, attempt }) => [value, attempt])).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
      [3, 2],
    ])
    expect(server.backlog).toBe(0)
  })
})

test('the members of an ensemble that has failed are told', async () => {
  await using folder = await temporaryDirectory()
  const until = join(folder.path, 'until')
  const log = join(folder.path, 'log')
  const fail = async (): Promise<never> => {
    await waitUntil(() => existsSync(log), { what: 'the other member has begun' })
    throw new Error('one member fails')
  }
  await using server = await Server.start(
    new EnsembleServlet([new ProcessServlet(SyncSupervised), new AsyncServlet(makeWorker(fail))]),
  )
  await expect(server.call({ do: 'loop-until-abandoned', until, log })).rejects.toMatchObject({
    code: 'ENSEMBLE',
  })
  await waitUntil(() => existsSync(until), { what: 'the member knows' })
  await waitUntil(() => server.backlog === 0, { what: 'its place is free' })
})

test('work on the event loop is told, too, unless it is to be finished', async () => {
  const items: WorkItem[] = []
  const remember = async (_: unknown, item: WorkItem): Promise<void> => {
    items.push(item)
    await new Promise((resolve) => {
      item.signal.addEventListener('abort', resolve)
      // Whoever is not told is done some time later.
      setTimeout(resolve, 500)
    })
  }
  for (const onAbandon of ['signal', 'finish'] as const) {
    await using server = await Server.start(new AsyncServlet(makeWorker(remember), { onAbandon }))
    const controller = new AbortController()
    const call = server.call(1, { signal: controller.signal })
    await waitUntil(() => items.length > 0, { what: 'it is begun' })
    const item = items.pop()
    expect(item?.isAbandoned()).toBe(false)
    controller.abort(new Error('changed my mind'))
    await expect(call).rejects.toThrow('changed my mind')
    expect(item?.isAbandoned()).toBe(onAbandon === 'signal')
    expect(item?.signal.aborted).toBe(onAbandon === 'signal')
    await waitUntil(() => server.backlog === 0, { what: 'its place is free' })
  }
})

test.each(kinds)(
  'what waits behind a slow item is passed over when nobody waits for it: $name',
  async (kind) => {
    await using folder = await temporaryDirectory()
    const file = (name: string) => join(folder.path, name)
    await using server = await Server.start(kind.servlet(SyncSupervised))
    // Quick items: now the worker gets some of them ahead.
    await Promise.all(Array.from({ length: 50 }, () => server.call({ do: 'return' })))
    const first = server.call({ do: 'loop-until', until: file('go'), log: file('first') })
    const controller = new AbortController()
    const { signal } = controller
    const others = Promise.allSettled(
      Array.from({ length: 8 }, (_, value) => {
        const options = value % 2 === 0 ? { signal } : {}
        return server.call({ do: 'return', value, log: file('log') }, options)
      }),
    )
    await waitUntil(() => existsSync(file('first')), { what: 'the first one is begun' })
    controller.abort(new Error('changed my mind'))
    // On pipes a worker reads what it is told when its event loop turns: after 10 ms of work.
    await sleep(50)
    writeFileSync(file('go'), '')
    await first
    const outcomes = await others
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, value) => (value % 2 === 0 ? 'rejected' : 'fulfilled')),
    )
    await waitUntil(() => server.backlog === 0, { what: 'all places are free' })
    expect(readLog(file('log')).map(({ value }) => value)).toEqual([1, 3, 5, 7])
    expect(server.metrics().servlet).toMatchObject({ skipped: 4 })
  },
)

test.each(kinds)(
  'the others of a batch are not harmed by one whose caller leaves: $name',
  async (kind) => {
    await using server = await Server.start(
      kind.servlet(SupervisedBatches, { batchSize: 3, batchWaitMs: 10_000 }),
    )
    for (let round = 0; round < 25; round++) {
      const before = [1, 2, 3].map((value) => server.call({ do: 'wait', ms: 2, value }))
      const controller = new AbortController()
      const { signal } = controller
      const first = server.call({ do: 'return', value: 4 })
      const left = expect(server.call({ do: 'return', value: 5 }, { signal })).rejects.toThrow(
        'left',
      )
      const last = server.call({ do: 'return', value: 6 })
      await sleep(1)
      controller.abort(new Error('left'))
      // Where the batch had not gone yet, it wants one more.
      const more = server.call({ do: 'return', value: 7 })
      const evenMore = [8, 9].map((value) => server.call({ do: 'return', value }))
      await left
      server.stage('SupervisedBatches').batchWaitMs = 0
      expect(await Promise.all([...before, first, last, more, ...evenMore])).toEqual([
        1, 2, 3, 4, 6, 7, 8, 9,
      ])
      server.stage('SupervisedBatches').batchWaitMs = 10_000
    }
    expect(server.metrics().servlet).toMatchObject({ restarts: 0, errors: 0 })
  },
)

test.each(kinds)(
  'answers that are given at once and later do not get mixed up where the channel is full: $name',
  async (kind) => {
    await using server = await Server.start(
      kind.servlet(MixedAnswers, { concurrency: 16, ringBytes: 4096 }),
    )
    for (let round = 0; round < 60; round++) {
      const values = Array.from({ length: 40 }, (_, index) => round * 100 + index)
      const calls = values.map((value) => server.call({ value, isLater: value % 3 > 0 }))
      await sleep(0)
      const end = performance.now() + 3
      while (performance.now() < end);
      expect((await Promise.all(calls)).map(({ value }) => value)).toEqual(values)
    }
    expect(server.metrics().servlet).toMatchObject({ restarts: 0 })
  },
)
