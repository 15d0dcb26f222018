import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Server } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import {
  BytesLater,
  DiesTogether,
  OneEach,
  ReadsAhead,
  Running,
  RunningBatches,
  TakesAhead,
  Together,
} from './fixtures/batch-workers.js'
import { kinds, onEventLoop } from './fixtures/worker-kinds.js'
import { Double } from './fixtures/workers.js'

checkLeaksAfterEach()

for (const { name: kind, isAvailable, servlet } of [...kinds, onEventLoop]) {
  describe.skipIf(!isAvailable)(`with ${kind}, a worker`, () => {
    test('has as many items at a time as its servlet says, and no more', async () => {
      await using server = await Server.start(servlet(Together, { concurrency: 5 }))
      const results = await Promise.all(Array.from({ length: 40 }, () => server.call(5)))
      expect(Math.max(...results.map(({ most }) => most))).toBe(5)
      expect(server.backlog).toBe(0)
    })

    test('gives results as they are ready: what is quick does not wait for what is slow', async () => {
      await using server = await Server.start(servlet(Together, { concurrency: 2 }))
      const done: string[] = []
      const slow = server.call(400).then(() => done.push('slow'))
      const quick = Array.from({ length: 5 }, () => server.call(1).then(() => done.push('quick')))
      await Promise.all([slow, ...quick])
      expect(done).toEqual(['quick', 'quick', 'quick', 'quick', 'quick', 'slow'])
    })

    test('may be synchronous all the same', async () => {
      await using server = await Server.start(servlet(Double, { concurrency: 4 }))
      const inputs = Array.from({ length: 200 }, (_, index) => index)
      expect(await Promise.all(inputs.map((x) => server.call(x)))).toEqual(inputs.map((x) => x * 2))
    })

    test('works on all items as one stream, if it has one, and prepares them before', async () => {
      await using server = await Server.start(servlet(Running))
      const settled = await settle(server, [1, 'early', 2, 'fail', 3])
      expect(settled).toEqual([1, new RangeError('early'), 3, new RangeError('this one only'), 6])
      expect(await settle(server, [4])).toEqual([10])
    })

    test('has its stream started again where that throws or ends', async () => {
      await using server = await Server.start(servlet(Running))
      expect(await settle(server, [1, 'throw'])).toEqual([1, new RangeError('the stream throws')])
      expect(await settle(server, [2, 3])).toEqual([2, 5])
      const [ended] = await settle(server, ['end'])
      expect(ended).toMatchObject({ message: expect.stringMatching(/ended before/) })
      expect(await settle(server, [7, 'too many'])).toEqual([7, 'one more'])
      await settle(server, ['too many'])
      expect(await settle(server, ['end', 5])).toEqual([expect.any(Error), 5])
    })

    test('whose stream reads ahead and throws has it started again, and each item its own result', async () => {
      await using server = await Server.start(servlet(ReadsAhead, { concurrency: 4 }))
      expect(await settle(server, ['throw'])).toEqual([new RangeError('the stream throws')])
      for (const letters of ['a', 'bcd', 'e']) {
        const inputs = letters.split('')
        expect(await settle(server, inputs)).toEqual(inputs.map((x) => `result of ${x}`))
      }
    })

    test('whose stream ends after each result fails nothing that it has not taken', async () => {
      await using server = await Server.start(servlet(OneEach, { concurrency: 4 }))
      expect(await settle(server, [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5])
    })

    test('gives its stream as many items ahead as its servlet says', async () => {
      await using server = await Server.start(servlet(TakesAhead, { concurrency: 3 }))
      expect(await settle(server, ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([
        ['a', 3],
        ['b', 3],
        ['c', 3],
        ['d', 3],
        ['e', 3],
        ['f', 3],
      ])
    })

    test('may have batches in its stream', async () => {
      await using server = await Server.start(servlet(RunningBatches, { batchSize: 2 }))
      expect(await settle(server, ['a', 'b', 'c', 'fail', 'd', 'e'])).toEqual([
        ['a', 1, 2],
        ['b', 1, 2],
        new RangeError('this batch'),
        new RangeError('this batch'),
        ['d', 3, 2],
        ['e', 3, 2],
      ])
    })
  })
}

for (const { name: kind, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${kind}, a worker with several items at a time`, () => {
    test('that dies fails those that it had begun; the others go to its successor', async () => {
      await using folder = await temporaryDirectory()
      const log = join(folder.path, 'log')
      const file = join(folder.path, 'die now')
      await using server = await Server.start(servlet(DiesTogether, { concurrency: 3 }))
      const doomed = ['die', 'a', 'b'].map((value) => server.call({ value, log, file }))
      const settled = Promise.allSettled(doomed)
      const begun = async (): Promise<number> =>
        (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1
      await waitUntil(async () => (await begun()) === 3, { what: 'three items are begun' })
      const others = [1, 2, 3].map((value) => server.call({ value, log, file }))
      appendFileSync(file, '')
      const crashed = { status: 'rejected', reason: expect.objectContaining({ exitCode: 5 }) }
      expect(await settled).toEqual([crashed, crashed, crashed])
      expect(await Promise.all(others)).toEqual([1, 2, 3])
    })

    test('has every result answered where they fill the ring', async () => {
      await using server = await Server.start(
        servlet(BytesLater, { concurrency: 64, ringBytes: 16_384 }),
      )
      for (let round = 0; round < 60; round++) {
        const calls: Promise<Buffer>[] = []
        for (let burst = 0; burst < 6; burst++) {
          for (let each = 0; each < 6; each++) {
            calls.push(server.call({ ms: 1 + (each % 3), bytes: 5_000 }, { timeoutMs: 20_000 }))
          }
          await new Promise((resolve) => process.nextTick(resolve))
          // The server is away while the worker fills the ring.
          const end = performance.now() + 1 + ((round * burst) % 4)
          while (performance.now() < end);
        }
        const results = await Promise.all(calls)
        expect(results.every(({ length }) => length === 5_000)).toBe(true)
      }
    })

    test('and others share what there is', async () => {
      await using server = await Server.start(servlet(Together, { concurrency: 4, cpus: 2 }))
      const results = await Promise.all(Array.from({ length: 8 }, () => server.call(100)))
      expect(Math.max(...results.map(({ most }) => most))).toBe(4)
    })
  })
}

async function settle(
  server: Server<unknown, unknown>,
  inputs: readonly unknown[],
): Promise<unknown[]> {
  const settled = await Promise.allSettled(inputs.map((input) => server.call(input)))
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason))
}
