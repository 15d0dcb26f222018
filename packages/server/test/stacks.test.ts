import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  ProcessServlet,
  Server,
  type ServerInfo,
  ThreadServlet,
  type WorkerInfo,
} from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { SlowToStart, Stuck } from './fixtures/stuck-workers.js'

checkLeaksAfterEach()

const stacks = { stacks: true } as const
const spinsInCall =
  /^ {4}at spinInHere \(file:.*\/stuck-workers\.js:\d+:\d+\)\n {4}at call \(file:.*\/stuck-workers\.js:\d+:\d+\)\n/

function workersOf({ servlet }: ServerInfo): readonly WorkerInfo[] {
  return servlet.workers ?? servlet.children?.flatMap(({ workers }) => workers ?? []) ?? []
}

async function stackErrorOf(server: Server<never, unknown>): Promise<string | undefined> {
  return workersOf(await server.debugInfo(stacks))[0]?.stackError
}

async function whenStackMatches(server: Server<never, unknown>, expected: RegExp): Promise<void> {
  await waitUntil(
    async () => expected.test(workersOf(await server.debugInfo(stacks))[0]?.stack ?? ''),
    { what: `the stack is like ${expected}` },
  )
}

async function whenHeld(server: Server<never, unknown>, count: number): Promise<void> {
  const held = (): number =>
    workersOf(server.debugInfo()).reduce((total, worker) => total + worker.held, 0)
  await waitUntil(() => held() === count, { what: `${count} items are with workers` })
}

/** How many TCP sockets a process listens on. */
function countListening(pid: number | null | undefined): number {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return ''
    }
  })
  const entries = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n')
  return entries
    .map((entry) => entry.trim().split(/\s+/))
    .filter(
      ([, , , state, , , , , , inode]) => state === '0A' && sockets.includes(`socket:[${inode}]`),
    ).length
}

describe('a process', () => {
  test('that is busy shows the function and the file that it is at, and goes on', async () => {
    await using server = await Server.start(new ProcessServlet(Stuck))
    const answer = server.call({ do: 'spin', ms: 700 })
    await whenHeld(server, 1)
    const info = await server.debugInfo(stacks)
    expect(info).toMatchObject({ state: 'open', capacity: 256, backlog: 1, waiting: 0 })
    expect(workersOf(info)).toMatchObject([{ name: 'Stuck-0', state: 'ready', held: 1 }])
    await whenStackMatches(server, spinsInCall)
    expect(await answer).toBe(true)
    expect(await server.call({ do: 'nothing' })).toBe(0)
  })

  test('that has nothing to do is idle', async () => {
    await using server = await Server.start(new ProcessServlet(Stuck))
    // Its event loop, or its wait for a doorbell.
    await whenStackMatches(server, /^\(idle\)$/)
    expect(await server.call({ do: 'nothing' })).toBe(0)
  })

  test('that waits synchronously shows where', async () => {
    await using server = await Server.start(new ProcessServlet(Stuck))
    const answer = server.call({ do: 'wait', ms: 700 })
    await whenHeld(server, 1)
    await whenStackMatches(server, /^ {4}at call \(file:.*\/stuck-workers\.js:\d+:\d+\)\n/)
    expect(await answer).toBe(0)
  })

  test('that ends meanwhile fails its item at once', async () => {
    await using server = await Server.start(new ProcessServlet(Stuck))
    const seen: (string | undefined)[] = []
    for (let round = 0; round < 3; round++) {
      const answer = server.call({ do: 'spin-and-exit', ms: 200 })
      const failed = expect(answer).rejects.toThrow('exited with code 3')
      while (server.backlog > 0) {
        const [worker] = workersOf(await server.debugInfo(stacks))
        seen.push(worker?.stackError ?? worker?.stack)
        await nextTurn()
      }
      await failed
    }
    expect(seen).toContainEqual(expect.stringMatching(spinsInCall))
    await waitUntil(() => server.ready(), { what: 'the worker is replaced' })
    expect(await server.call({ do: 'nothing' })).toBe(0)
  })

  test('that is killed meanwhile does not keep anybody waiting', async () => {
    const server = await Server.start(new ProcessServlet(Stuck))
    const answer = expect(server.call({ do: 'spin', ms: 20_000 })).rejects.toThrow('killed')
    await whenHeld(server, 1)
    const info = server.debugInfo(stacks)
    await server.kill()
    expect(workersOf(await info)).toMatchObject([{ name: 'Stuck-0' }])
    await answer
  })

  test('that is stuck in native code is told of within the limit, and goes on', async () => {
    await using server = await Server.start(new ProcessServlet(Stuck))
    const answer = server.call({ do: 'sleep', ms: 5_000 })
    await waitUntil(
      async () => (await stackErrorOf(server))?.startsWith('no answer within 2000 ms: ') === true,
      { what: 'the limit is reached' },
    )
    expect(await answer).toBe(0)
    expect(await server.call({ do: 'nothing' })).toBe(0)
  })
})

test('all processes of a server show their stacks, threads say that they do not, to several who ask at the same time', async () => {
  await using server = await Server.start(
    new EnsembleServlet([
      new ProcessServlet(Stuck, { cpus: 2 }),
      new ThreadServlet(Stuck, { threads: 2 }),
      new AsyncServlet(makeWorker(() => 'light')),
    ]),
  )
  const answers = [1, 2].map(() => server.call({ do: 'spin', ms: 3_000 }))
  await whenHeld(server, 4)
  const shownTo = async (): Promise<boolean> => {
    const info = await server.debugInfo(stacks)
    expect(info.servlet.children?.map(({ kind }) => kind)).toEqual(['process', 'thread', 'async'])
    return workersOf(info).every(({ stack, stackError }) =>
      (stack ?? stackError)?.match(/spinInHere|^a thread shows no stack/),
    )
  }
  await waitUntil(
    async () => (await Promise.all([1, 2, 3].map(shownTo))).every((isShown) => isShown),
    { what: 'all of them are shown to everybody' },
  )
  expect(await Promise.all(answers)).toEqual([1, 2].map(() => [true, true, 'light']))
})

test('no port stays open in a process that has shown its stack, also later than asked', async () => {
  await using server = await Server.start(new ProcessServlet(Stuck))
  const pid = server.debugInfo().servlet.workers?.[0]?.pid
  for (const ms of [400, 2_600]) {
    const answer = server.call({ do: ms < 2_000 ? 'spin' : 'sleep', ms })
    await whenHeld(server, 1)
    await server.debugInfo(stacks)
    await answer
    await waitUntil(() => countListening(pid) === 0, { what: 'the inspector is closed' })
    expect(await server.call({ do: 'nothing' })).toBe(0)
  }
  const answer = server.call({ do: 'spin', ms: 500 })
  await whenHeld(server, 1)
  await whenStackMatches(server, spinsInCall)
  await answer
})

test('a worker that is not ready yet shows what keeps it', async () => {
  await using server = await Server.start(new ProcessServlet(SlowToStart))
  await expect(server.call('exit')).rejects.toThrow('exited with code 3')
  await whenStackMatches(server, /\n {4}at init \(file:.*\/stuck-workers\.js/)
  await waitUntil(() => server.ready(), { what: 'it is ready' })
  expect(await server.call('answer')).toBe('answer')
})

test('a worker that listens for SIGUSR1 has no stack, and gets the signal', async () => {
  await using server = await Server.start(
    new ProcessServlet(Stuck, { args: { listensForSignal: true } }),
  )
  expect(await stackErrorOf(server)).toMatch(/listens for SIGUSR1 itself$/)
  expect(await server.call({ do: 'nothing' })).toBe(1)
})

test('a worker that would die of SIGUSR1 has no stack, and does not get it', async () => {
  await using server = await Server.start(
    new ProcessServlet(Stuck, { args: { hasListened: true } }),
  )
  expect(await stackErrorOf(server)).toMatch(/^its process would not survive SIGUSR1/)
  expect(await server.call({ do: 'nothing' })).toBe(0)
})
