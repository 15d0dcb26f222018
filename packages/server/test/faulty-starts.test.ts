import { rm, writeFile } from 'node:fs/promises'
import {
  moduleRef,
  ProcessServlet,
  SequentialServlet,
  Server,
  ThreadServlet,
} from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Faulty } from './fixtures/fault-workers.js'
import { inThreads, sharing } from './fixtures/worker-kinds.js'
import { Echo } from './fixtures/workers.js'

checkLeaksAfterEach()

/** Modules that are made while the tests run cannot import this package: a worker is told by its methods. */
const worker = `export class Late {
  init() {}
  call(x) { if (x === 'exit') process.exit(3); return x }
  cleanup() {}
}`

/** The worker `Late` of a module that may not exist. */
const lateOf = (url: URL) => moduleRef<Record<string, typeof Echo>>(url).export('Late')

const startOf = (starting: Promise<Server<unknown, unknown>>): Promise<unknown> =>
  starting.catch((error: unknown) => error)

describe.each([sharing, inThreads])('$name whose module', ({ servlet }) => {
  test('cannot be used reject the start with the module and the reason, and leave nothing', async () => {
    await using folder = await temporaryDirectory()
    const cases = [
      { source: undefined, cause: { code: 'ERR_MODULE_NOT_FOUND' } },
      { source: 'export class Late {', cause: { name: 'SyntaxError' } },
      { source: 'throw new RangeError("at import")', cause: { message: 'at import' } },
      { source: 'export class Early {}', cause: { message: expect.stringContaining('"Late"') } },
      { source: 'export const Late = 3', cause: { name: 'NotImportableError' } },
      { source: 'export class Late {}', cause: { name: 'TypeError' } },
    ]
    for (const [index, { source, cause }] of cases.entries()) {
      const url = new URL(`module-${index}.mjs`, folder.url)
      if (source !== undefined) await writeFile(url, source)
      const broken = servlet(Object(lateOf(url)), { name: 'broken' })
      // No thread: Node leaves files open when it ends one that is just loading its modules.
      const both = new SequentialServlet(new ProcessServlet(Echo), broken)
      const error = await startOf(Server.start(both))
      expect(error, source).toMatchObject({
        code: 'WORKER_START',
        workerName: 'broken-0',
        reason: 'threw',
        cause,
      })
      const { message, cause: threw } = Object(error)
      expect(`${message} ${threw.stack}`, source).toContain(`module-${index}.mjs`)
      expect(descendants()).toEqual([])
    }
  })

  test('is removed while they serve fail the server when they have to be replaced', async () => {
    await using folder = await temporaryDirectory()
    const url = new URL('late.mjs', folder.url)
    await writeFile(url, worker)
    await using server = await Server.start(servlet(Object(lateOf(url)), { name: 'late' }))
    expect(await server.call(1)).toBe(1)
    await rm(url)
    await expect(server.call('exit')).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
    // All that come meanwhile wait for the next worker, and are told together that there is none.
    const waiting = await Promise.allSettled(Array.from({ length: 20 }, (_, x) => server.call(x)))
    for (const outcome of waiting) {
      expect(outcome).toMatchObject({
        reason: {
          code: 'SERVER_FAILED',
          workerName: 'late-0',
          cause: { code: 'WORKER_START', cause: { code: 'ERR_MODULE_NOT_FOUND' } },
        },
      })
    }
    expect(server.state).toBe('failed')
    expect(server.backlog).toBe(0)
    await expect(server.call('later')).rejects.toMatchObject({ code: 'SERVER_FAILED' })
  })
})

describe('a worker that is not ready in time', () => {
  const startTimeoutMs = 300

  test.each([
    { what: 'loops in its constructor', options: { args: { atStart: 'spin' } } },
    { what: 'waits for a debugger', options: { execArgv: ['--inspect-brk=0'] } },
  ])('because it $what is killed', async ({ options }) => {
    const servlet = new ProcessServlet(
      Faulty,
      Object({ ...options, startTimeoutMs, cpus: 2, name: 'w' }),
    )
    const error = await startOf(Server.start(servlet))
    expect(error).toMatchObject({ code: 'WORKER_START', reason: 'timeout' })
    expect(Object(error).message).toMatch(/^worker 'w-[01]' did not start: .* after 300 ms$/)
    expect(descendants()).toEqual([])
  })

  test('because it loops in its constructor is ended, if it is a thread', async () => {
    // Node leaves files open when it ends a thread that is just loading its modules.
    const options = { args: { atStart: 'spin' }, startTimeoutMs: 1_500 }
    const error = await startOf(Server.start(new ThreadServlet(Faulty, options)))
    expect(error).toMatchObject({ code: 'WORKER_START', reason: 'timeout' })
  })
})

test.each([sharing, inThreads])('$name tell where the constructor threw', async ({ servlet }) => {
  const error = await startOf(Server.start(servlet(Faulty, { args: { atStart: 'throw' } })))
  expect(error).toMatchObject({ cause: { name: 'ModelError', message: 'no constructor' } })
  expect(Object(error).cause.stack).toMatch(/fault-workers\.js/)
})

describe('an environment that is larger than the system takes', () => {
  const huge = 'x'.repeat(4_000_000)

  test('rejects the start', async () => {
    const servlet = new SequentialServlet(
      new ProcessServlet(Echo),
      new ProcessServlet(Faulty, { env: { ...process.env, HUGE: huge } }),
    )
    expect(await startOf(Server.start(servlet))).toMatchObject({
      code: 'WORKER_START',
      reason: 'exited',
      cause: { code: 'E2BIG' },
    })
    expect(descendants()).toEqual([])
  })

  test('keeps items waiting for a worker to be replaced, until it is smaller', async () => {
    await using server = await Server.start(new ProcessServlet(Faulty))
    process.env['HUGE'] = huge
    try {
      await expect(server.call({ do: 'exit', value: 3 })).rejects.toMatchObject({ exitCode: 3 })
      const waiting = server.call({ do: 'return', value: 1 })
      await waitUntil(() => (server.debugInfo().servlet.workers?.[0]?.restarts ?? 0) >= 3, {
        what: 'it was tried again',
      })
      delete process.env['HUGE']
      expect(await waiting).toBe(1)
      expect(server.state).toBe('open')
    } finally {
      delete process.env['HUGE']
    }
  })
})
