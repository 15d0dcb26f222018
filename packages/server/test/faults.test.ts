import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  EnsembleServlet,
  isServerFailedError,
  isWorkerCrashedError,
  isWorkerStartError,
  moduleRef,
  ProcessServlet,
  SequentialServlet,
  Server,
  type ServerInfo,
  type WorkerInfo,
} from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import {
  Double,
  ExitsInInit,
  FailsInConstructor,
  FailsInInit,
  NeverReady,
  Obey,
  StartsOnce,
} from './fixtures/workers.js'

checkLeaksAfterEach()

function workersOf(info: ServerInfo): readonly WorkerInfo[] {
  return info.servlet.workers ?? []
}

describe('a worker that does not start', () => {
  test.each([
    { name: 'throws in its constructor', worker: FailsInConstructor, reason: 'threw' },
    { name: 'throws in init', worker: FailsInInit, reason: 'threw' },
    {
      name: 'is no worker',
      worker: moduleRef<Record<string, typeof Double>>(
        new URL('./fixtures/workers.js', import.meta.url),
      ).export('NotAWorker'),
      reason: 'threw',
    },
    { name: 'exits in init', worker: ExitsInInit, reason: 'exited' },
  ])('because it $name rejects the start and leaves no process', async ({ worker, reason }) => {
    const servlet = new SequentialServlet(
      new ProcessServlet(Double, { cpus: 2 }),
      new ProcessServlet<unknown, unknown>(Object(worker), { name: 'broken' }),
    )
    const error: unknown = await Server.start(servlet).catch((thrown: unknown) => thrown)
    expect(isWorkerStartError(error)).toBe(true)
    expect(error).toMatchObject({ workerName: 'broken-0', reason })
    expect(descendants()).toEqual([])
  })

  test('tells what it threw and what it printed', async () => {
    const threw: unknown = await Server.start(new ProcessServlet(FailsInInit)).catch(
      (e: unknown) => e,
    )
    expect(threw).toMatchObject({
      message: "worker 'FailsInInit-0' did not start: ModelError: no model file",
      cause: { name: 'ModelError', message: 'no model file' },
    })
    const exited: unknown = await Server.start(new ProcessServlet(ExitsInInit)).catch(
      (e: unknown) => e,
    )
    expect(exited).toMatchObject({ stderrTail: 'licence expired\n' })
    expect(Object(exited).message).toMatch(
      /^worker 'ExitsInInit-0' did not start: worker 'ExitsInInit-0' \(pid \d+\) exited with code 5 before it was ready; the last lines of its stderr:\nlicence expired$/,
    )
  })

  test('in time rejects the start, and its process is killed', async () => {
    const servlet = new ProcessServlet(NeverReady, { startTimeoutMs: 300, cpus: 2 })
    await expect(Server.start(servlet)).rejects.toMatchObject({
      code: 'WORKER_START',
      reason: 'timeout',
    })
    expect(descendants()).toEqual([])
  })
})

describe('a worker that dies', () => {
  test('while it is idle is replaced and nobody notices', async () => {
    await using server = await Server.start(new ProcessServlet(Double))
    const [before] = workersOf(server.debugInfo())
    process.kill(before?.pid ?? 0, 'SIGKILL')
    await waitUntil(() => workersOf(server.debugInfo())[0]?.restarts === 1, { what: 'a restart' })
    const answers = Array.from({ length: 100 }, (_, x) => server.call(x))
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, x) => x * 2))
    const [after] = workersOf(server.debugInfo())
    expect(after).toMatchObject({ name: 'Double-0', state: 'ready', restarts: 1 })
    expect(after?.pid).not.toBe(before?.pid)
  })

  test.each([
    { name: 'SIGKILL', order: { do: 'kill', value: 'SIGKILL' }, facts: { signalCode: 'SIGKILL' } },
    { name: 'SIGSEGV', order: { do: 'kill', value: 'SIGSEGV' }, facts: { signalCode: 'SIGSEGV' } },
    { name: 'exit 3', order: { do: 'exit', value: 3 }, facts: { exitCode: 3 } },
    { name: 'exit 0', order: { do: 'exit', value: 0 }, facts: { exitCode: 0 } },
  ])('in the middle of an item by $name fails that item only', async ({ order, facts }) => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2, name: 'obey' }))
    const others = Array.from({ length: 50 }, (_, value) => server.call({ do: 'return', value }))
    const error: unknown = await server.call(order).catch((thrown: unknown) => thrown)
    expect(isWorkerCrashedError(error)).toBe(true)
    expect(error).toMatchObject(facts)
    expect(Object(error).workerName).toMatch(/^obey-[01]$/)
    expect(await Promise.all(others)).toEqual(Array.from({ length: 50 }, (_, value) => value))
    expect(await server.call({ do: 'return', value: 'alive' })).toBe('alive')
    expect(server.backlog).toBe(0)
  })

  test('tells the last lines of its stderr', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    await expect(server.call({ do: 'exit', value: 1 })).rejects.toMatchObject({
      stderrTail: 'about to exit\n',
    })
  })

  test('of a full heap says so', async () => {
    const servlet = new ProcessServlet(Obey, { execArgv: ['--max-old-space-size=32'] })
    await using server = await Server.start(servlet)
    await expect(server.call({ do: 'heap' })).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      signalCode: 'SIGABRT',
      isOutOfMemory: true,
    })
    expect(await server.call({ do: 'return', value: 1 })).toBe(1)
  }, 30_000)

  test.each(['rubbish', 'foreign-result', 'close-channel'])(
    'because of %s on its channel fails its item only',
    async (what) => {
      await using server = await Server.start(new ProcessServlet(Obey))
      await expect(server.call({ do: what })).rejects.toMatchObject({
        code: 'WORKER_CRASHED',
        signalCode: 'SIGKILL',
      })
      expect(await server.call({ do: 'return', value: 1 })).toBe(1)
    },
  )

  test('of a late throw does not reach this process', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    expect(await server.call({ do: 'throw-later', value: 1 })).toBe(1)
    await waitUntil(() => workersOf(server.debugInfo())[0]?.restarts === 1, { what: 'a restart' })
    expect(await server.call({ do: 'return', value: 2 })).toBe(2)
  })

  test('fails its own items only, and none is begun twice', async () => {
    await using folder = await temporaryDirectory()
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const file = (index: number): string => join(folder.path, String(index))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) =>
        server.call(
          index % 20 === 7
            ? { do: 'kill', value: 'SIGKILL', file: file(index) }
            : { do: 'return', value: index, file: file(index) },
        ),
      ),
    )
    for (const [index, outcome] of outcomes.entries()) {
      const runs = (await readFile(file(index), 'utf8').catch(() => '')).split('\n').length - 1
      if (index % 20 === 7) {
        expect(outcome).toMatchObject({ reason: { code: 'WORKER_CRASHED' } })
        expect(runs).toBe(1)
      } else {
        expect([outcome, runs]).toEqual([{ status: 'fulfilled', value: index }, 1])
      }
    }
    expect(server.backlog).toBe(0)
  }, 30_000)

  test('in an ensemble fails that item, with the other results kept', async () => {
    await using server = await Server.start(
      new EnsembleServlet([new ProcessServlet(Obey), new ProcessServlet(Obey)], {
        failFast: false,
      }),
    )
    const outcome: unknown = await server
      .call({ do: 'kill', value: 'SIGKILL' })
      .catch((thrown: unknown) => thrown)
    expect(outcome).toMatchObject({ code: 'ENSEMBLE', cause: { code: 'WORKER_CRASHED' } })
    expect(await server.call({ do: 'return', value: 1 })).toEqual([1, 1])
  })

  test('again and again at its start fails the server, at once and for everyone', async () => {
    await using folder = await temporaryDirectory()
    const servlet = new ProcessServlet(StartsOnce, { args: { file: join(folder.path, 'started') } })
    const server = await Server.start(servlet)
    await expect(server.call('die')).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
    const waiting: unknown = await server.call('wait').catch((thrown: unknown) => thrown)
    expect(isServerFailedError(waiting)).toBe(true)
    expect(Object(waiting).cause).toMatchObject({ code: 'WORKER_START' })
    await expect(server.call('late')).rejects.toSatisfy(isServerFailedError)
    expect(server.state).toBe('failed')
    expect(server.ready()).toBe(false)
    await server.close()
    expect(descendants()).toEqual([])
  }, 30_000)
})
