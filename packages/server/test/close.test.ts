import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isServerClosedError, ProcessServlet, Server } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  isAlive,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { CleansUp, CleansUpForEver, Double, IgnoresSigterm, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

describe('close', () => {
  test('finishes what is in progress, refuses what comes, and leaves no process', async () => {
    const server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const calls = Array.from({ length: 20 }, (_, value) => server.call({ do: 'return', value }))
    const slow = server.call({ do: 'sleep', value: 80 })
    const closing = server.close()
    expect(server.state).toBe('closing')
    await expect(server.call({ do: 'return', value: 0 })).rejects.toSatisfy(isServerClosedError)
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, value) => value))
    expect(await slow).toBe(80)
    await closing
    expect(server.state).toBe('closed')
    expect(descendants()).toEqual([])
    await expect(server.call({ do: 'return', value: 0 })).rejects.toSatisfy(isServerClosedError)
  })

  test('serves the calls that wait for a place', async () => {
    const server = await Server.start(new ProcessServlet(Obey), { capacity: 1 })
    const calls = [10, 10, 0].map((value) =>
      server.call({ do: 'sleep', value }, { backpressure: false }),
    )
    await server.close()
    expect(await Promise.all(calls)).toEqual([10, 10, 0])
  })

  test('fails what has not finished in time', async () => {
    const server = await Server.start(new ProcessServlet(Obey))
    const hanging = expect(server.call({ do: 'hang' })).rejects.toSatisfy(isServerClosedError)
    await server.close({ drainTimeoutMs: 50 })
    await hanging
    expect(descendants()).toEqual([])
  })

  test('says whether everything had finished', async () => {
    const starting = Array.from({ length: 4 }, () => Server.start(new ProcessServlet(Obey)))
    const [idle, quick, hanging, killed] = await Promise.all(starting)
    const answer = quick?.call({ do: 'sleep', value: 50 })
    const hangs = [hanging, killed].map((server) =>
      expect(server?.call({ do: 'hang' })).rejects.toThrow(/server was/),
    )
    const closing = killed?.close()
    await killed?.kill()
    const closed = [idle, quick, hanging].map((server) =>
      server?.close({ drainTimeoutMs: server === hanging ? 50 : 10_000 }),
    )
    expect(await Promise.all([...closed, closing])).toEqual([true, true, false, false])
    await Promise.all([answer, ...hangs])
  })

  test('twice is fine, also at the same time', async () => {
    const server = await Server.start(new ProcessServlet(Double))
    await Promise.all([server.close(), server.close()])
    await server.close()
    await server.kill()
    expect(server.state).toBe('closed')
  })

  test('lets each worker clean up', async () => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'log')
    const server = await Server.start(new ProcessServlet(CleansUp, { cpus: 2, args: { file } }))
    expect(await server.call(1)).toBe(1)
    await server.close()
    const lines = (await readFile(file, 'utf8')).trim().split('\n').toSorted()
    expect(lines).toEqual(['cleaned up 0', 'cleaned up 1'])
  })

  test.each([
    { name: 'hangs in its clean-up', worker: CleansUpForEver },
    { name: 'ignores SIGTERM in a busy loop', worker: IgnoresSigterm },
  ])(
    'ends a worker that $name',
    async ({ worker }) => {
      const server = await Server.start(new ProcessServlet(worker))
      expect(await server.call(1)).toBe(1)
      const startedAt = performance.now()
      await server.close()
      expect(performance.now() - startedAt).toBeLessThan(8_000)
      expect(descendants()).toEqual([])
    },
    15_000,
  )

  test('is what `await using` does', async () => {
    let outside: Server<number, number>
    {
      await using server = await Server.start(new ProcessServlet(Double))
      outside = server
      expect(await server.call(1)).toBe(2)
    }
    expect(outside.state).toBe('closed')
  })
})

describe('kill', () => {
  test('fails everything in progress and ends busy workers at once', async () => {
    const server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }), { capacity: 4 })
    const calls = Promise.allSettled(
      Array.from({ length: 8 }, () =>
        server.call({ do: 'spin', value: 60_000 }, { backpressure: false }),
      ),
    )
    await server.kill()
    for (const call of await calls) {
      expect(call).toMatchObject({ reason: { code: 'SERVER_CLOSED' } })
    }
    expect(descendants()).toEqual([])
  })

  test('during close ends the wait', async () => {
    const server = await Server.start(new ProcessServlet(Obey))
    const hanging = expect(server.call({ do: 'hang' })).rejects.toSatisfy(isServerClosedError)
    const closing = server.close()
    await server.kill()
    await Promise.all([closing, hanging])
    expect(descendants()).toEqual([])
  })
})

describe('the end of the main process', () => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'by %s leaves no worker, busy or idle',
    async (signal) => {
      await using host = await startHost(new URL('./fixtures/busy-server.js', import.meta.url))
      const pids: number[] = JSON.parse(await host.nextLine())
      expect(pids).toHaveLength(3)
      host.kill(signal)
      await host.exited
      await waitUntil(() => !pids.some(isAlive), { what: 'the workers are gone', timeoutMs: 1_000 })
    },
  )
})
