import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AsyncServlet,
  BatchResultError,
  moduleRef,
  ProcessServlet,
  Server,
  SequentialServlet,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { ErrorsAreValues, ObeyBatch, Spins, Tell, Threes } from './fixtures/batch-workers.js'
import { inThreads, kinds, onEventLoop, sharing } from './fixtures/worker-kinds.js'
import { Double, Echo } from './fixtures/workers.js'

checkLeaksAfterEach()

/** Long enough that a batch which goes out has not waited for so long. */
const longMs = 60_000

for (const { name: kind, isAvailable, servlet } of [...kinds, onEventLoop]) {
  describe.skipIf(!isAvailable)(`with ${kind}, batches`, () => {
    test('go out at once when they are full, in order, and each item has its own result', async () => {
      await using server = await Server.start(
        servlet(Tell, { batchSize: 4, batchWaitMs: longMs, name: 'tell' }),
      )
      const results = await Promise.all(range(12).map((value) => server.call(value)))
      expect(results.map(({ value }) => value)).toEqual(range(12))
      expect(results.map(({ batch }) => batch)).toEqual(
        range(12).map((value) => range(4).map((index) => value - (value % 4) + index)),
      )
      expect(results[5]).toMatchObject({
        name: 'tell-0',
        batchSize: 4,
        batchWaitMs: longMs,
        attempt: 1,
      })
    })

    test('wait for more items from their first one on, and no longer', async () => {
      await using server = await Server.start(servlet(Tell, { batchSize: 100, batchWaitMs: 150 }))
      const startedAt = performance.now()
      const calls = [server.call(0)]
      while (performance.now() - startedAt < 40) {
        calls.push(server.call(calls.length))
        await new Promise((resolve) => setTimeout(resolve, 4))
      }
      const results = await Promise.all(calls)
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149)
      expect(results.map(({ number }) => number)).toEqual(calls.map(() => 0))
    })

    test('take with no wait what is there: what came in one turn is together', async () => {
      await using server = await Server.start(servlet(Tell, { batchSize: 100, batchWaitMs: 0 }))
      const results = await Promise.all(range(30).map((value) => server.call(value)))
      expect(results[0].batch).toEqual(range(30))
      expect((await server.call(1)).batch).toEqual([1])
    })

    test('of one item never wait', async () => {
      await using server = await Server.start(servlet(Tell, { batchSize: 1 }))
      const results = await Promise.all(range(5).map((value) => server.call(value)))
      expect(results.map(({ batch }) => batch)).toEqual([[0], [1], [2], [3], [4]])
    })

    test('are of the size that their class fixes', async () => {
      await using server = await Server.start(servlet(Threes))
      const results = await Promise.all(range(6).map((value) => server.call(value)))
      expect(results.map(({ batch }) => batch.length)).toEqual(Array(6).fill(3))
    })

    test('lose those that fail to be prepared, and only those', async () => {
      await using server = await Server.start(servlet(ObeyBatch, { batchSize: 5 }))
      const orders = ['return', 'fail-early', 'prepare', 'fail-early-later', 'return']
      const settled = await settle(server, orders)
      expect(settled).toEqual([
        0,
        new RangeError('early 1'),
        [2, 'prepared'],
        new RangeError('early 3'),
        4,
      ])
      expect(await settle(server, Array(5).fill('fail-early'))).toEqual(
        range(5).map((value) => new RangeError(`early ${value}`)),
      )
    })

    test('have errors of single items, and of all of them', async () => {
      await using server = await Server.start(servlet(ObeyBatch, { batchSize: 4 }))
      expect(await settle(server, ['return', 'error', 'exception', 'return'])).toEqual([
        0,
        new RangeError('alone 1'),
        new RangeError('alone 2'),
        3,
      ])
      expect(await settle(server, ['return', 'throw', 'return', 'return'])).toEqual(
        range(4).map(() => new RangeError('batch of 4')),
      )
    })

    test.each([
      ['too-few', 3],
      ['too-many', 5],
      ['no-list', undefined],
    ])('whose results are %s fail with BatchResultError', async (order, received) => {
      await using server = await Server.start(servlet(ObeyBatch, { batchSize: 4, name: 'obey' }))
      const settled = await settle(server, ['return', order, 'return', 'return'])
      expect(settled).toEqual(Array(4).fill(expect.any(BatchResultError)))
      expect(settled[0]).toMatchObject({
        code: 'BATCH_RESULT',
        workerName: 'obey-0',
        expected: 4,
        received,
      })
      expect(await settle(server, Array(4).fill('return'))).toEqual([0, 1, 2, 3])
    })

    test('may have errors that are values', async () => {
      await using server = await Server.start(servlet(ErrorsAreValues, { batchSize: 2 }))
      const settled = await Promise.allSettled([
        server.call({ do: 'error', value: 1 }),
        server.call({ do: 'exception', value: 2 }),
      ])
      expect(settled).toEqual([
        { status: 'fulfilled', value: new RangeError('alone 1') },
        { status: 'rejected', reason: new RangeError('alone 2') },
      ])
    })

    test('do without items whose callers have left', async () => {
      await using server = await Server.start(servlet(Tell, { batchSize: 3, batchWaitMs: longMs }))
      const controller = new AbortController()
      const left = server.call('gone', { signal: controller.signal })
      const first = server.call('a')
      controller.abort(new Error('gone'))
      await expect(left).rejects.toThrow('gone')
      const others = [server.call('b'), server.call('c')]
      expect((await first).batch).toEqual(['a', 'b', 'c'])
      await Promise.all(others)
      expect(server.backlog).toBe(0)
    })

    test('are formed by a stream, too', async () => {
      await using server = await Server.start(
        servlet(Tell, { batchSize: 10, batchWaitMs: longMs, cpus: 2 }),
      )
      const results: { value: number; batch: number[] }[] = []
      for await (const result of server.stream(range(1_000))) results.push(result)
      expect(results.map(({ value }) => value)).toEqual(range(1_000))
      expect(results.every(({ batch }) => batch.length === 10)).toBe(true)
    })
  })
}

for (const { name: kind, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${kind}, a batch`, () => {
    test('goes to a worker that has nothing to do, while another one has', async () => {
      await using folder = await temporaryDirectory()
      const file = join(folder.path, 'go on')
      await using server = await Server.start(
        servlet(ObeyBatch, { batchSize: 2, batchWaitMs: 0, cpus: 2 }),
      )
      let isBusy = true
      const busy = server.call({ do: 'wait', value: 'slow', file }).then(() => (isBusy = false))
      await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'it is busy' })
      expect(await settle(server, Array(7).fill('return'))).toEqual(range(7))
      expect(isBusy).toBe(true)
      appendFileSync(file, '')
      await busy
    })

    test('grows while all workers have something to do', async () => {
      await using folder = await temporaryDirectory()
      const file = join(folder.path, 'go on')
      const log = join(folder.path, 'log')
      await using server = await Server.start(servlet(ObeyBatch, { batchSize: 10, batchWaitMs: 0 }))
      const busy = server.call({ do: 'wait', file })
      await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'it is busy' })
      const calls: Promise<unknown>[] = []
      for (const value of range(5)) {
        calls.push(server.call({ do: 'return', value, ...(value === 0 ? { log } : {}) }))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      appendFileSync(file, '')
      expect(await Promise.all(calls)).toEqual(range(5))
      expect(await readFile(log, 'utf8')).toBe('5\n')
      await busy
    })

    test('whose worker dies fails as a whole, and the next ones go to its successor', async () => {
      await using server = await Server.start(
        servlet(ObeyBatch, { batchSize: 3, batchWaitMs: longMs }),
      )
      const orders = ['return', 'exit', 'return', 'return', 'return', 'return']
      const settled = await settle(server, orders)
      const crashed = expect.objectContaining({ code: 'WORKER_CRASHED', exitCode: 3 })
      expect(settled).toEqual([crashed, crashed, crashed, 3, 4, 5])
    })

    test('is cut where its items do not fit into the ring together', async () => {
      await using server = await Server.start(
        servlet(Tell, { batchSize: 8, batchWaitMs: 0, ringBytes: 65_536 }),
      )
      const items = range(16).map((value) => Buffer.alloc(20_000, value))
      const results = await Promise.all(items.map((item) => server.call(item)))
      expect(results.map(({ value }) => value[0])).toEqual(range(16))
      for (const { batch } of results) expect(batch.length).toBeGreaterThan(0)
    })

    test('that is cut again and again has all its answers', async () => {
      await using server = await Server.start(
        servlet(Tell, { batchSize: 100, batchWaitMs: 0, ringBytes: 4096 }),
        { capacity: 1_000 },
      )
      for (let round = 0; round < 200; round++) {
        const texts = range(60).map((value) => `${value} ${'x'.repeat((round * 7) % 150)}`)
        const calls = texts.map((text) => server.call(text, { timeoutMs: 20_000 }))
        const results = await Promise.all(calls)
        expect(results.map(({ value }) => value)).toEqual(texts)
      }
    })

    test('is never larger than it may be, whatever fails to be sent meanwhile', async () => {
      await using server = await Server.start(
        servlet(Tell, { batchSize: 4, batchWaitMs: 0, cpus: 2 }),
        { capacity: 6 },
      )
      const inputs = range(200).map((value) => (value % 10 === 7 ? Symbol('x') : value))
      const settled = await Promise.allSettled(
        inputs.map((input) => server.call(input, { backpressure: false })),
      )
      const refused = settled.filter(({ status }) => status === 'rejected')
      expect(refused).toHaveLength(20)
      for (const each of settled) {
        if (each.status === 'fulfilled') expect(each.value.batch.length).toBeLessThanOrEqual(4)
      }
    })

    test('carries items that are large', async () => {
      await using server = await Server.start(servlet(ObeyBatch, { batchSize: 4 }))
      const items = range(8).map((value) => Buffer.alloc(300_000, value))
      const results = await Promise.all(items.map((value) => server.call({ do: 'return', value })))
      expect(results.map((result) => [result.length, result[299_999]])).toEqual(
        range(8).map((value) => [300_000, value]),
      )
    })

    test('has items that cannot be carried, which fail alone', async () => {
      await using server = await Server.start(servlet(ObeyBatch, { batchSize: 4, batchWaitMs: 20 }))
      const unsendable = server.call({ do: 'return', value: () => 1 })
      await expect(unsendable).rejects.toMatchObject({ code: 'ENCODE' })
      const settled = await settle(server, ['return', 'function', 'return', 'return'])
      expect(settled).toEqual([0, expect.objectContaining({ code: 'ENCODE' }), 2, 3])
    })
  })
}

for (const { name: kind, isAvailable, servlet } of [sharing, inThreads]) {
  describe.skipIf(!isAvailable)(`with ${kind}, after quick batches`, () => {
    test('neither a part of a batch nor a full one waits for a slow one while a worker is idle', async () => {
      await using folder = await temporaryDirectory()
      const file = join(folder.path, 'go on')
      await using server = await Server.start(
        servlet(Spins, { batchSize: 4, batchWaitMs: 0, cpus: 2 }),
      )
      for (let round = 0; round < 2_000; round++) await server.call({ value: round })
      let isBusy = true
      const busy = server.call({ value: 'slow', file }).then(() => (isBusy = false))
      await new Promise((resolve) => setImmediate(resolve))
      expect(await server.call({ value: 1 })).toBe(1)
      expect(await Promise.all(range(12).map((value) => server.call({ value })))).toEqual(range(12))
      expect(isBusy).toBe(true)
      appendFileSync(file, '')
      await busy
    })
  })
}

test('a server that is closed does not wait for a batch to become full', async () => {
  const server = await Server.start(new ThreadServlet(Tell, { batchSize: 4, batchWaitMs: longMs }))
  const call = server.call('alone')
  await server.close()
  expect((await call).batch).toEqual(['alone'])
})

test('batches and single items follow one another in a pipeline', async () => {
  await using server = await Server.start(
    new SequentialServlet(
      new ThreadServlet(Double, { threads: 2 }),
      new ProcessServlet(Tell, { batchSize: 16 }),
    ),
  )
  const results = await Promise.all(range(64).map((value) => server.call(value)))
  expect(results.map(({ value }) => value)).toEqual(range(64).map((value) => value * 2))
})

describe('refused are', () => {
  test.each([
    [() => new ProcessServlet(Echo, { batchSize: 10 }), /Echo takes one item at a time/],
    [() => new AsyncServlet(Echo, { batchSize: 10 }), /derive it from BatchWorker/],
    [() => new ThreadServlet(Tell), /Tell is a BatchWorker: give a batchSize/],
    [() => new ThreadServlet(Tell, { batchSize: 0 }), /Tell is a BatchWorker/],
    [() => new ThreadServlet(Threes, { batchSize: 4 }), /Threes has batches of 3/],
    [() => new ThreadServlet(Tell, { batchSize: 1.5 }), /batchSize is 1.5/],
    [() => new ThreadServlet(Tell, { batchSize: 1, batchWaitMs: 5 }), /nothing can wait/],
    [() => new ProcessServlet(Echo, { batchWaitMs: 5 }), /nothing can wait/],
    [() => new ThreadServlet(Tell, { batchSize: 2, batchWaitMs: -1 }), /batchWaitMs/],
    [() => new ThreadServlet(Echo, { concurrency: 0 }), /concurrency is 0/],
  ])('contradictory options: %s', (make, message) => {
    expect(make).toThrow(message)
  })

  test('workers that are named without being imported, when they start', async () => {
    const workers = moduleRef<typeof import('./fixtures/batch-workers.js')>(
      new URL('./fixtures/batch-workers.js', import.meta.url),
    )
    const starts = [
      Server.start(new ProcessServlet(workers.export('Tell'))),
      Server.start(new ThreadServlet(workers.export('Threes'), { batchSize: 4 })),
      Server.start(new ThreadServlet(workers.export('Together'), { batchSize: 3 })),
    ]
    const [first, fixed, second] = await Promise.allSettled(starts)
    expect(first).toMatchObject({
      reason: {
        code: 'WORKER_START',
        cause: { message: expect.stringMatching(/Tell is a BatchWorker/) },
      },
    })
    expect(fixed).toMatchObject({
      reason: {
        code: 'WORKER_START',
        cause: { message: expect.stringMatching(/Threes has batches of 3, not 4/) },
      },
    })
    expect(second).toMatchObject({
      reason: {
        code: 'WORKER_START',
        cause: { message: expect.stringMatching(/takes one item at a time/) },
      },
    })
  })
})

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

/** Sends orders, numbered, and gives their results and errors. */
async function settle(
  server: Server<unknown, unknown>,
  orders: readonly string[],
): Promise<unknown[]> {
  const calls = orders.map((order, value) => server.call({ do: order, value }))
  const settled = await Promise.allSettled(calls)
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason))
}
