import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProcessServlet, Server, ThreadServlet } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  isAlive,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Faulty } from './fixtures/fault-workers.js'
import { kinds, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const capacity = 8

type FaultyServer = Server<unknown, unknown>

const firstWorker = (server: FaultyServer) => server.debugInfo().servlet.workers?.[0]

/** All places are free, and each answer is its own. */
async function expectFullService(server: FaultyServer): Promise<void> {
  const values = Array.from({ length: capacity }, (_, value) => value)
  const answers = values.map((value) => server.call({ do: 'return', value }))
  expect(server.backlog).toBe(capacity)
  expect(await Promise.all(answers)).toEqual(values)
  expect(server.backlog).toBe(0)
}

async function expectReplaced(server: FaultyServer, restarts: number): Promise<void> {
  await waitUntil(() => firstWorker(server)?.restarts === restarts && server.ready(), {
    what: `worker ${restarts + 1} is ready`,
  })
  await expectFullService(server)
}

describe('a worker that is ended by a signal', () => {
  test('while it is idle is replaced, and every place stays', async () => {
    await using server = await Server.start(new ProcessServlet(Faulty), { capacity })
    await expectFullService(server)
    for (const [index, signal] of (['SIGSEGV', 'SIGABRT', 'SIGKILL'] as const).entries()) {
      process.kill(firstWorker(server)?.pid ?? 0, signal)
      await waitUntil(() => firstWorker(server)?.restarts === index + 1, { what: 'a restart' })
      // Also for those who call before the next one is ready.
      await expectFullService(server)
    }
    expect(server.state).toBe('open')
  })

  test('in the middle of an item is named in its error', async () => {
    await using server = await Server.start(new ProcessServlet(Faulty, { name: 'w' }), { capacity })
    const orders = [
      { order: { do: 'kill', value: 'SIGSEGV' }, signalCode: 'SIGSEGV' },
      { order: { do: 'kill', value: 'SIGABRT' }, signalCode: 'SIGABRT' },
      { order: { do: 'abort' }, signalCode: 'SIGABRT' },
    ]
    for (const { order, signalCode } of orders) {
      const pid = firstWorker(server)?.pid
      await expect(server.call(order)).rejects.toMatchObject({
        code: 'WORKER_CRASHED',
        message: `worker 'w-0' (pid ${pid}) was ended by ${signalCode}`,
        exitCode: null,
        signalCode,
        isOutOfMemory: false,
      })
      await expectFullService(server)
    }
  })
})

test('a thread that exits in the middle of an item says with which code, also with 0', async () => {
  await using server = await Server.start(new ThreadServlet(Faulty, { name: 'w' }), { capacity })
  for (const exitCode of [0, 3]) {
    await expect(server.call({ do: 'exit', value: exitCode })).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      message: `worker 'w-0' exited with code ${exitCode}`,
      pid: undefined,
      exitCode,
    })
    await expectFullService(server)
  }
})

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${name}, a worker`, () => {
    test('that exits before its first item is replaced, and nobody notices', async () => {
      await using folder = await temporaryDirectory()
      const args = { once: join(folder.path, 'has been here') }
      await using server = await Server.start(servlet(Faulty, { args }), { capacity })
      await waitUntil(() => firstWorker(server)?.restarts === 1, { what: 'a restart' })
      await expectFullService(server)
      expect(firstWorker(server)?.restarts).toBe(1)
    })

    test('that throws, or rejects, after its result keeps that, and is replaced', async () => {
      const escaped: unknown[] = []
      const onEscape = (error: unknown): number => escaped.push(error)
      process.on('uncaughtExceptionMonitor', onEscape)
      try {
        await using server = await Server.start(servlet(Faulty), { capacity })
        const late = [
          { do: 'throw later', thrown: 'an error' },
          { do: 'throw later', thrown: 'undefined' },
          { do: 'throw later', thrown: 'an object with functions' },
          { do: 'throw later', thrown: 'an object without a prototype' },
          { do: 'reject later', thrown: 'an error' },
          { do: 'reject later', thrown: 'null' },
        ]
        for (const [index, order] of late.entries()) {
          expect(await server.call({ ...order, value: index })).toBe(index)
          await expectReplaced(server, index + 1)
        }
        expect(server.state).toBe('open')
      } finally {
        process.off('uncaughtExceptionMonitor', onEscape)
      }
      expect(escaped).toEqual([])
    })
  })
}

describe.skipIf(process.platform !== 'linux')(
  'a worker whose code meddles with descriptors',
  () => {
    test.each(kinds.slice(0, 2).filter(({ isAvailable }) => isAvailable))(
      'harms its own items at most: $name',
      async ({ servlet }) => {
        await using server = await Server.start(servlet(Faulty), { capacity })
        await expectFullService(server)
        const junk = { do: 'write junk into the input', value: 1 }
        expect(await server.call(junk)).toBe(1)
        await expectFullService(server)

        for (const restarts of [1, 2]) {
          const closing = { do: 'close all descriptors', value: 2 }
          const outcome = await server.call(closing, { timeoutMs: 20_000 }).catch(codeOf)
          expect([2, 'WORKER_CRASHED']).toContain(outcome)
          await waitUntil(
            async () => {
              // Each item has an outcome, whoever it is given to.
              const answer = server.call({ do: 'return', value: 3 }, { timeoutMs: 20_000 })
              expect([3, 'WORKER_CRASHED']).toContain(await answer.catch(codeOf))
              return firstWorker(server)?.restarts === restarts
            },
            { what: `restart ${restarts}`, timeoutMs: 25_000 },
          )
          await expectReplaced(server, restarts)
        }
      },
    )

    test('is told to have died while a grandchild of it holds all that it had open', async () => {
      await using folder = await temporaryDirectory()
      const file = join(folder.path, 'grandchild')
      await using server = await Server.start(sharing.servlet(Faulty), { capacity })
      const before = new Set(descendants().map(({ pid }) => pid))
      const order = { do: 'leave a grandchild', value: { file } }
      await expect(server.call(order, { timeoutMs: 20_000 })).rejects.toMatchObject({
        code: 'WORKER_CRASHED',
        signalCode: 'SIGKILL',
      })
      const grandchild = Number(await readFile(file, 'utf8'))
      expect(isAlive(grandchild)).toBe(true)
      expect(before.has(grandchild)).toBe(false)
      await expectFullService(server)
      await server.close()
      expect(isAlive(grandchild)).toBe(true)
      process.kill(grandchild, 'SIGKILL')
      await waitUntil(() => !isAlive(grandchild), { what: 'the grandchild is gone' })
    })
  },
)

function codeOf(error: unknown): unknown {
  return Object(error).code ?? error
}
