import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ProcessServlet, SequentialServlet, Server, type StageInfo } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Act, ActAndCleanUp, Digests } from './fixtures/channel-workers.js'
import { digest } from './fixtures/digest.js'
import { sendAllSizes, streamMixedSizes } from './fixtures/round-trips.js'
import { countMemoryBlocks, kinds, onPipes, sharing } from './fixtures/worker-kinds.js'
import { Echo } from './fixtures/workers.js'

checkLeaksAfterEach()

const isLinux = process.platform === 'linux'
const largeBytes = 1_000_000

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${name}`, () => {
    test('values of all sizes come back as they were', async () => {
      await using server = await Server.start(servlet(Digests, { cpus: 2 }))
      expect(await sendAllSizes(server)).toEqual([])
    })

    test('so they do where memory is short', async () => {
      const limits = { ringBytes: 4096, blockBytes: 0 }
      await using server = await Server.start(servlet(Digests, { cpus: 2, ...limits }))
      expect(await sendAllSizes(server)).toEqual([])
    })

    test('a stream of mixed sizes keeps its order', async () => {
      await using server = await Server.start(servlet(Digests, { cpus: 2 }))
      expect(await streamMixedSizes(server)).toEqual([])
    })

    test('whatever values are sent, back they come, through however small a ring', async () => {
      const limits = { ringBytes: 4096, blockBytes: 2 ** 20 }
      await using server = await Server.start(servlet(Echo, limits), { capacity: 32 })
      const value = fc.oneof(
        { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
        { weight: 1, arbitrary: fc.nat(3_000).map((bytes) => Buffer.alloc(bytes, 'a')) },
        { weight: 1, arbitrary: fc.nat(200_000).map((bytes) => ({ text: 'b'.repeat(bytes) })) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(value, { maxLength: 100 }), async (values) => {
          const options = { backpressure: false, timeoutMs: 10_000 }
          const answers = await Promise.all(values.map((each) => server.call(each, options)))
          expect(isDeepStrictEqual(answers, values)).toBe(true)
        }),
        { numRuns: 100 },
      )
      expect(server.backlog).toBe(0)
    })

    describe('an input that is changed right after the call', () => {
      test('arrives as it was', async () => {
        await using server = await Server.start(servlet(Act))
        const { answers, expected } = callAndChange(server, 40)
        expect(await Promise.all(answers)).toEqual(expected)
      })

      test('arrives as it was after it has waited for a worker', async () => {
        await using folder = await temporaryDirectory()
        await using server = await Server.start(servlet(Act))
        const file = join(folder.path, 'go on')
        const first = server.call({ do: 'wait-for', value: file })
        await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'one runs' })
        const { answers, expected } = callAndChange(server, 8)
        expect(server.debugInfo().servlet).toMatchObject({ queued: 8 })
        appendFileSync(file, '')
        expect(await first).toBe(file)
        expect(await Promise.all(answers)).toEqual(expected)
      })

      test('arrives as it was after the worker has died that it was with', async () => {
        await using folder = await temporaryDirectory()
        const log = join(folder.path, 'log')
        await using server = await Server.start(servlet(Act))
        await learnThatItemsAreQuick(server)
        const file = join(folder.path, 'die')
        const first = server.call({ do: 'die-when', value: file, name: 'first', file: log })
        const { answers, expected } = callAndChange(server, 8, log)
        await waitUntil(() => held(server.debugInfo().servlet) === 9, {
          what: 'all have got there',
        })
        appendFileSync(file, '')
        await expect(first).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
        expect(await Promise.all(answers)).toEqual(expected)
        expect(await begun(log)).toEqual(['first', ...expected.keys()].map(String))
        expect(server.debugInfo().servlet.workers?.[0]?.restarts).toBe(1)
      })
    })

    test('a worker that is still starting when its server closes cleans up', async () => {
      await using folder = await temporaryDirectory()
      const file = join(folder.path, 'log')
      const server = await Server.start(servlet(ActAndCleanUp, { args: { file } }))
      await expect(server.call({ do: 'die' })).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
      await waitUntil(() => server.debugInfo().servlet.workers?.[0]?.restarts === 1, {
        what: 'it is replaced',
      })
      await server.close()
      expect(await readFile(file, 'utf8')).toBe('cleaned up\n')
    })

    test('what one stage gives to the next survives the death of the worker that has it', async () => {
      await using folder = await temporaryDirectory()
      await using server = await Server.start(
        new SequentialServlet(servlet(Echo), servlet(Act, { name: 'second' })),
      )
      await learnThatItemsAreQuick(server)
      const file = join(folder.path, 'die')
      const first = server.call({ do: 'die-when', value: file })
      const second = () => server.debugInfo().servlet.children?.[1]
      await waitUntil(() => second()?.running === 1, { what: 'the first has got there' })
      const values = [1, 2, 3, 4].map((each) => Buffer.alloc(each * 300_000, each))
      const answers = values.map((value) => server.call({ do: 'digest', value }))
      await waitUntil(() => held(second()) === 5, { what: 'all have got there' })
      appendFileSync(file, '')
      await expect(first).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
      expect(await Promise.all(answers)).toEqual(values.map(digest))
    })
  })
}

describe.skipIf(!sharing.isAvailable || !isLinux)('memory is shared', () => {
  const text = 'x'.repeat(300_000)

  test('with processes, and in blocks with what is large', async () => {
    const before = countMemoryBlocks()
    await using server = await Server.start(sharing.servlet(Echo, { cpus: 2 }))
    expect(countMemoryBlocks() - before).toBe(2)
    expect(await server.call(text)).toBe(text)
    expect(countMemoryBlocks() - before).toBe(4)
  })

  test('with no process that cannot', async () => {
    const before = countMemoryBlocks()
    await using server = await Server.start(onPipes.servlet(Echo))
    expect(await server.call(text)).toBe(text)
    expect(countMemoryBlocks() - before).toBeLessThanOrEqual(1)
    const [worker] = server.debugInfo().servlet.workers ?? []
    // What it has inherited.
    expect(countMemoryBlocks(worker?.pid ?? undefined)).toBeLessThanOrEqual(1)
  })

  test('in blocks that are used again', async () => {
    await using server = await Server.start(new ProcessServlet(Echo))
    for (let round = 0; round < 50; round++) {
      const value = Buffer.alloc(100_000 + round * 1_000, round)
      expect(value.equals(await server.call(value))).toBe(true)
    }
    expect(countMemoryBlocks()).toBeLessThanOrEqual(3)
  })
})

test('a main process that cannot share memory has workers in processes and threads as well', async () => {
  await using host = await startHost(new URL('./fixtures/round-trip-host.js', import.meta.url), {
    env: { MPSERVICE_NO_NATIVE: '1' },
  })
  expect(JSON.parse(await host.nextLine({ timeoutMs: 25_000 }))).toEqual({
    kind: 'process',
    differences: [],
    blocks: 0,
  })
  expect(JSON.parse(await host.nextLine({ timeoutMs: 25_000 }))).toEqual({
    kind: 'thread',
    differences: [],
    blocks: 0,
  })
  expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
})

/** After quick items, a worker is given several at once. */
async function learnThatItemsAreQuick(server: Server<unknown, unknown>): Promise<void> {
  for (let item = 0; item < 200; item++) await server.call({ do: 'return', value: item })
}

/** Calls with objects and large memory in turn, which are changed at once. */
function callAndChange(
  server: Server<unknown, unknown>,
  count: number,
  file?: string,
): { answers: Promise<unknown>[]; expected: string[] } {
  const expected: string[] = []
  const answers = Array.from({ length: count }, (_, index) => {
    const memory = Buffer.alloc(index % 2 === 0 ? 10 : largeBytes, index)
    const value = { memory, list: [{ index }], text: `number ${index}` }
    expected.push(digest(value))
    const answer = server.call({ do: 'digest', value, name: index, ...(file && { file }) })
    memory.fill(255)
    value.list.push({ index: -1 })
    value.text = 'changed'
    return answer
  })
  return { answers, expected }
}

/** On a pipe, items do not go to a worker that is at something slow. */
function held({ running = 0, queued = 0 }: StageInfo | undefined = emptyStage): number {
  return running + queued
}

const emptyStage: StageInfo = { name: '', kind: 'process' }

async function begun(log: string): Promise<string[]> {
  return (await readFile(log, 'utf8')).trimEnd().split('\n')
}
