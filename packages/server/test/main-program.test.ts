import { execFile } from 'node:child_process'
import { readFile as readFileThen } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { EnsembleServlet, Server } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  folderClosedToOthers,
  type Host,
  isAlive,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Faulty } from './fixtures/fault-workers.js'
import { kinds } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const script = new URL('./fixtures/fault-host.js', import.meta.url)
const isLinux = process.platform === 'linux'

const linesOf = async (host: Host): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of host.lines) lines.push(line)
  return lines
}

describe('a main program that is killed', () => {
  // Their workers are starting, or busy, in native code, and idle.
  const rounds = Array.from({ length: 40 }, (_, index) => ({
    moment: index % 5 === 4 ? 'busy' : 'starting',
    delayMs: index * 8,
    env: index % 2 === 0 ? {} : { MPSERVICE_ORPHAN_GUARD: 'thread' },
  }))

  test('at any moment takes all its workers along, nested ones too', async () => {
    await using folder = await temporaryDirectory()
    let next = 0
    const lane = async (): Promise<void> => {
      for (let round = rounds[next++]; round !== undefined; round = rounds[next++]) {
        const { moment, delayMs, env } = round
        const args = ['startAll', folder.path]
        await using host = await startHost(script, { args, env })
        await host.line(moment, { timeoutMs: 30_000 })
        await sleep(delayMs)
        const family = descendants(host.pid)
        if (moment === 'busy') expect(family.length).toBeGreaterThanOrEqual(4)
        host.kill('SIGKILL')
        await host.exited
        await waitUntil(() => !family.some(isAlive), {
          what: `the workers are gone, killed ${delayMs} ms after ${moment}`,
          timeoutMs: 4_000,
        })
      }
    }
    await Promise.all([lane(), lane(), lane()])
    // Those that were started between the look and the kill are found by the leak check.
    expect(next).toBeGreaterThan(rounds.length)
  }, 120_000)
})

describe('a main program that ends by itself', () => {
  test.each([
    { how: 'exit', code: 7 },
    { how: 'throw', code: 1 },
    { how: 'reject', code: 1 },
  ])('($how) keeps its exit code, and takes endless loops along', async ({ how, code }) => {
    await using host = await startHost(script, { args: ['end', how] })
    const pids = (await host.nextLine()).split(',').map(Number)
    expect(await host.waitForExit()).toEqual({ code, signal: null })
    await waitUntil(() => !pids.some(isAlive), { what: 'the workers are gone', timeoutMs: 4_000 })
    if (code === 1) expect(host.stderr()).toContain('RangeError: of the program itself')
  })

  test('on Ctrl-C has its items finished by workers that it does not reach', async () => {
    await using host = await startHost(script, { args: ['closeOnInterrupt'], detached: true })
    await host.line('streaming')
    host.signalGroup('SIGINT')
    expect(await linesOf(host)).toEqual([
      'interrupted',
      'the stream ended with SERVER_CLOSED',
      'the item gave 500',
      'closed 0,0',
    ])
    expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
  })
})

describe('a main program whose event loop stands still for 2 s', () => {
  const block = (): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000)
  }

  test('under load loses nothing, takes no worker for dead and calls no time over', async () => {
    const available = kinds.filter(({ isAvailable }) => isAvailable)
    const members = available.map(({ servlet }) => servlet(Faulty))
    const all = await Server.start<unknown, unknown>(new EnsembleServlet(members))
    const servers = await Promise.all(
      available.map(({ servlet }) => Server.start<unknown, unknown>(servlet(Faulty, { cpus: 2 }))),
    )
    const wrong: unknown[] = []
    let isOver = false
    let answers = 0
    const check = (answer: unknown, expected: unknown): void => {
      answers++
      if (JSON.stringify(answer) !== JSON.stringify(expected)) wrong.push(answer)
    }
    // No more at a time than there are workers: each is with one when the event loop stops.
    const call = async (server: Server<unknown, unknown>): Promise<void> => {
      for (let value = 0; ; value++) {
        if (isOver) return
        const answer = server.call({ do: 'sleep', value: value % 3 }, { timeoutMs: 1_500 })
        check(await answer.catch((error: unknown) => error), value % 3)
      }
    }
    function* orders() {
      for (let value = 0; ; value++) {
        if (isOver) return
        yield { do: 'return', value }
      }
    }
    const stream = async (): Promise<void> => {
      let value = 0
      for await (const answer of all.stream(orders())) {
        check(answer, Array(members.length).fill(value++))
      }
    }
    const load = [stream(), ...servers.flatMap((server) => [call(server), call(server)])]

    const blocks: ((done: () => void) => void)[] = [
      (done) => setTimeout(() => (block(), done()), 20),
      (done) => setImmediate(() => (block(), done())),
      (done) => readFileThen(fileURLToPath(import.meta.url), () => (block(), done())),
    ]
    for (const stop of blocks) {
      const before = answers
      await new Promise<void>(stop)
      await waitUntil(() => answers > before + 100, { what: 'it goes on' })
    }
    isOver = true
    await Promise.all(load)
    expect(wrong).toEqual([])
    for (const server of [all, ...servers]) {
      expect(JSON.stringify(server.debugInfo())).not.toMatch(/"restarts":[^0]/)
      await server.close()
    }
  })
})

test.skipIf(process.platform === 'win32')(
  'workers print on when nobody reads the output of the main program any more',
  async () => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'report')
    const command = '"$0" "$1" print "$2" 2>&1 | head -1'
    const shell = ['-c', command, process.execPath, fileURLToPath(script), file]
    const { stdout } = await promisify(execFile)('/bin/sh', shell)
    expect(stdout).toMatch(/^line \d+ of std(out|err)\n$/)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      code: 0,
      answers: Array(40).fill(500),
      restarts: [0, 0],
      state: 'closed',
    })
  },
)

test('a clock that jumps neither ends waits nor prolongs them', async () => {
  await using host = await startHost(script, { args: ['jumpInTime'] })
  expect(await linesOf(host)).toEqual([
    'true',
    '50',
    'TIMEOUT',
    'in time',
    'WORKER_CRASHED',
    'replaced',
    'closed',
  ])
  expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
})

test('a heap that is full at once ends a process of its own, but with a thread the whole program', async () => {
  await using host = await startHost(script, { args: ['fillTheArray'] })
  expect(await host.nextLine({ timeoutMs: 25_000 })).toBe('WORKER_CRASHED true')
  expect(await host.nextLine()).toBe('alive')
  const family = descendants(host.pid)
  expect(await host.waitForExit({ timeoutMs: 25_000 })).toEqual({ code: null, signal: 'SIGABRT' })
  await waitUntil(() => !family.some(isAlive), { what: 'its workers are gone', timeoutMs: 4_000 })
})

test.skipIf(!isLinux)(
  'a program without descriptors for a new worker has its items wait until there are some',
  async () => {
    await using host = await startHost(script, { args: ['noDescriptors'] })
    expect(await linesOf(host)).toEqual(['EMFILE', 'served'])
    expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
  },
)

// The reason is printed with the test's name.
const isClosed = folderClosedToOthers(new URL(import.meta.url)) !== undefined
test.skipIf(!isLinux || (process.getuid?.() === 0 && isClosed))(
  'a program that may have no more processes or threads is told so by the start (as another user where tests run as root)',
  async () => {
    await using host = await startHost(script, { args: ['fewProcesses'] })
    for (const line of ['WORKER_START', 'WORKER_START', 'later']) {
      expect(await host.nextLine({ timeoutMs: 30_000 })).toBe(line)
    }
    expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
  },
)
