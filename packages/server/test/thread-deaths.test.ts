import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsembleServlet, Server, ThreadServlet } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { ActAndCleanUp } from './fixtures/channel-workers.js'
import { Lives } from './fixtures/thread-workers.js'
import {
  CleansUpForEver,
  Echo,
  ExitsInInit,
  FailsInConstructor,
  FailsInInit,
  NeverReady,
} from './fixtures/workers.js'

checkLeaksAfterEach()

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

describe('a thread that does not start', () => {
  test.each([
    { name: 'throws in its constructor', worker: FailsInConstructor, reason: 'threw' },
    { name: 'throws in init', worker: FailsInInit, reason: 'threw' },
    { name: 'exits in init', worker: ExitsInInit, reason: 'exited' },
    { name: 'is not ready in time', worker: NeverReady, reason: 'timeout' },
  ])('because it $name rejects the start', async ({ worker, reason }) => {
    // Alone: Node leaves files open when it ends a thread that is just loading its modules.
    const startTimeoutMs = reason === 'timeout' ? 1_000 : 10_000
    const servlet = new ThreadServlet(worker, { name: 'broken', startTimeoutMs })
    const error: unknown = await Server.start(servlet).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'WORKER_START', workerName: 'broken-0', reason })
    if (reason === 'threw') expect(Object(error).cause).toMatchObject({ name: 'ModelError' })
  })

  test('because the system does not let it leaves nothing open', async () => {
    const servlet = new ThreadServlet(Echo, untyped({ env: 'no environment' }))
    await expect(Server.start(servlet)).rejects.toMatchObject({
      code: 'WORKER_START',
      cause: { code: 'ERR_INVALID_ARG_TYPE' },
    })
  })
})

describe('a thread that dies', () => {
  test.each([
    { what: 'exit', facts: { exitCode: 3 } },
    { what: 'throw late', facts: { exitCode: 1, cause: { message: 'late' } } },
    { what: 'reject late', facts: { exitCode: 1, cause: { message: 'rejected' } } },
  ])('by «$what» fails its item only and is replaced', async ({ what, facts }) => {
    await using server = await Server.start(new ThreadServlet(Lives, { threads: 2, name: 'lives' }))
    const before = [1, 2, 3, 4, 5].map((x) => server.call(x))
    const dying = server.call(what).catch((error: unknown) => error)
    const after = [6, 7, 8, 9, 10].map((x) => server.call(x))
    expect(await Promise.all([...before, ...after])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const error = await dying
    expect(error).toMatchObject({
      code: 'WORKER_CRASHED',
      pid: undefined,
      signalCode: null,
      isOutOfMemory: false,
      ...facts,
    })
    expect(Object(error).workerName).toMatch(/^lives-[01]$/)
    await waitUntil(
      () => server.debugInfo().servlet.workers?.every(({ state }) => state === 'ready') ?? false,
      { what: 'it is replaced' },
    )
    expect(await Promise.all([1, 2, 3].map((x) => server.call(x)))).toEqual([1, 2, 3])
  })

  test('of a full heap says so', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }
    await using server = await Server.start(new ThreadServlet(Lives, { resourceLimits }))
    await expect(server.call('fill the heap')).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      isOutOfMemory: true,
      cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
    })
    expect(await server.call('alive')).toBe('alive')
  })
})

describe('the end of a thread', () => {
  test('is forced by kill, whatever it does', async () => {
    const server = await Server.start(new ThreadServlet(Lives, { threads: 2 }))
    const busy = server.call('for ever').catch((error: unknown) => error)
    await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'it runs for ever' })
    await server.kill()
    expect(await busy).toMatchObject({ code: 'SERVER_CLOSED' })
    expect(server.state).toBe('closed')
  })

  test('comes after its last item and its cleanup', async () => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'log')
    const server = await Server.start(
      new ThreadServlet(ActAndCleanUp, { threads: 2, args: { file } }),
    )
    const calls = Array.from({ length: 20 }, (_, value) =>
      server.call({ do: 'return-soon', value }),
    )
    await server.close()
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, value) => value))
    expect(await readFile(file, 'utf8')).toBe('cleaned up\ncleaned up\n')
  })

  test('does not wait for ever for its cleanup, nor for an item that nobody waits for', async () => {
    const server = await Server.start(
      new EnsembleServlet([new ThreadServlet(CleansUpForEver), new ThreadServlet(Lives)]),
    )
    await expect(server.call('for ever', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await server.close()
    expect(server.state).toBe('closed')
  })
})
