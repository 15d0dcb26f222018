import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Faulty } from './fixtures/fault-workers.js'
import { inThreads, kinds } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

type FaultyServer = Server<unknown, unknown>

/** Far more than the 2 s that workers have after their last item, for machines that are busy. */
const patienceMs = 10_000

/** What a server does when it is closed, and what becomes of the items in it. */
interface Moment {
  readonly name: string
  readonly args?: object
  /** Brings it about; gives the items that are in progress then. */
  readonly arrange: (server: FaultyServer) => Promise<Promise<unknown>[]>
  readonly outcomes: readonly unknown[]
}

const call = (server: FaultyServer, what: string, value?: unknown): Promise<unknown> =>
  server.call({ do: what, value }).catch((error: unknown) => Object(error).code ?? error)

const isRunning = (server: FaultyServer): Promise<void> =>
  waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'an item is with the worker' })

const busy = (what: string) => async (server: FaultyServer) => {
  const answer = call(server, what)
  await isRunning(server)
  return [answer]
}

const moments: Moment[] = [
  { name: 'is idle', arrange: async () => [], outcomes: [] },
  {
    name: 'serves',
    arrange: async (server) => [call(server, 'return', 1), call(server, 'sleep', 20)],
    outcomes: [1, 20],
  },
  { name: 'is in an endless loop', arrange: busy('spin'), outcomes: ['SERVER_CLOSED'] },
  { name: 'waits for ever', arrange: busy('hang'), outcomes: ['SERVER_CLOSED'] },
  {
    name: 'ignores SIGTERM in an endless loop',
    args: { ignoresSigterm: true },
    arrange: busy('spin'),
    outcomes: ['SERVER_CLOSED'],
  },
  {
    name: 'is to die at once',
    arrange: async (server) => [call(server, 'exit', 3)],
    outcomes: ['WORKER_CRASHED'],
  },
  {
    name: 'is being replaced',
    arrange: async (server) => {
      expect(await call(server, 'exit', 3)).toBe('WORKER_CRASHED')
      return [call(server, 'return', 1)]
    },
    outcomes: [1],
  },
]

for (const { name: kind, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${kind}, close resolves and leaves nothing`, () => {
    // Together, since the slow ones only wait.
    test('whatever the worker does', async () => {
      await Promise.all(
        moments.map(async ({ name, args = {}, arrange, outcomes }) => {
          const server = await Server.start(servlet(Faulty, { args, name }))
          const answers = await arrange(server)
          const startedAt = performance.now()
          const isCut = outcomes.includes('SERVER_CLOSED')
          const first = server.close({ drainTimeoutMs: isCut ? 300 : 60_000 })
          // Whoever closes it meanwhile waits for the same end.
          const second = server.close()
          expect(await call(server, 'return', 1), name).toBe('SERVER_CLOSED')
          await Promise.all([first, second])
          expect(performance.now() - startedAt, name).toBeLessThan(patienceMs)
          expect(await Promise.all(answers), name).toEqual(outcomes)
          expect([server.state, server.backlog], name).toEqual(['closed', 0])
        }),
      )
      expect(descendants()).toEqual([])
    })

    test('when the worker is killed, or the server, while it closes', async () => {
      for (const end of ['a worker', 'the server'] as const) {
        const server = await Server.start(servlet(Faulty, { cpus: 2 }))
        const hanging = [call(server, 'spin'), call(server, 'hang')]
        await waitUntil(() => server.debugInfo().servlet.running === 2, { what: 'both are busy' })
        const closing = server.close({ drainTimeoutMs: 60_000 })
        const pid = server.debugInfo().servlet.workers?.[0]?.pid
        if (end === 'a worker' && typeof pid === 'number') {
          process.kill(pid, 'SIGKILL')
          await sleep(20)
        }
        await server.kill()
        await closing
        const outcomes = await Promise.all(hanging)
        expect(outcomes.filter((each) => each !== 'WORKER_CRASHED')).toContain('SERVER_CLOSED')
        expect(server.backlog).toBe(0)
        expect(descendants()).toEqual([])
      }
    })
  })
}

test('close ends what is in progress of hundreds of calls at its deadline', async () => {
  const available = kinds.filter(({ isAvailable }) => isAvailable)
  await Promise.all(
    available.map(async ({ name, servlet }) => {
      const server = await Server.start(servlet(Faulty), { capacity: 500 })
      const calls = Array.from({ length: 500 }, () => call(server, 'sleep', 5))
      const startedAt = performance.now()
      await server.close({ drainTimeoutMs: 300 })
      expect(performance.now() - startedAt, name).toBeLessThan(patienceMs)
      const outcomes = await Promise.all(calls)
      const count = (wanted: unknown) => outcomes.filter((each) => each === wanted).length
      expect(count(5), name).toBeGreaterThan(0)
      expect(count('SERVER_CLOSED'), name).toBeGreaterThan(0)
      expect(count(5) + count('SERVER_CLOSED'), name).toBe(500)
      expect(server.backlog, name).toBe(0)
    }),
  )
  expect(descendants()).toEqual([])
})

test.skipIf(process.platform === 'win32')(
  'a thread that is stuck in native code is given up, with a warning, by close, by kill and by a start that takes too long',
  async () => {
    await using folder = await temporaryDirectory()
    const script = new URL('./fixtures/stuck-thread-host.js', import.meta.url)
    // Not even process.exit would end it.
    await using host = await startHost(script, { args: [folder.path] })
    const reports = []
    for (let count = 0; count < 3; count++) {
      const { tookMs, ...report } = JSON.parse(await host.nextLine({ timeoutMs: 20_000 }))
      expect(tookMs).toBeLessThan(patienceMs)
      reports.push(report)
    }
    const warnings = (thread: string) => [
      `warning: the thread of worker ${thread} does not end and is given up: it is in native code; until that ends, this program cannot exit, but can be killed`,
    ]
    expect(reports.toSorted((a, b) => a.what.localeCompare(b.what))).toEqual([
      { what: 'close', outcome: 'SERVER_CLOSED, closed', warnings: warnings('close-0') },
      { what: 'kill', outcome: 'SERVER_CLOSED, closed', warnings: warnings('kill-0') },
      { what: 'start', outcome: 'WORKER_START timeout', warnings: warnings('start-0') },
    ])
    expect(descendants(host.pid)).toEqual([])
    host.kill('SIGKILL')
    expect(await host.waitForExit()).toEqual({ code: null, signal: 'SIGKILL' })
  },
)

test.skipIf(process.platform === 'win32').each(['close', 'kill'] as const)(
  'a thread that comes back from native code after it was given up by %s ends then',
  async (act) => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'begun')
    const server = await Server.start(inThreads.servlet(Faulty))
    const answer = call(server, 'wait natively', file)
    await waitUntil(() => existsSync(file), { what: 'it has begun' })
    await server[act]({ drainTimeoutMs: 0 })
    expect(await answer).toBe('SERVER_CLOSED')
    // The thread still waits for this program.
    const [sleeping, ...others] = descendants()
    expect([sleeping?.command, others]).toEqual(['sleep 60', []])
    process.kill(sleeping?.pid ?? 0, 'SIGKILL')
    await waitUntil(() => descendants().length === 0, { what: 'it comes back' })
  },
)
