import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  ProcessServlet,
  SequentialServlet,
  Server,
} from '@mpservice/server'
import { checkLeaksAfterEach, startHost, waitUntil } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { Double, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

test('debugInfo shows the servlets and their workers, as plain data', async () => {
  await using server = await Server.start(
    new SequentialServlet(
      new EnsembleServlet([
        new ProcessServlet(Double, { cpus: 2 }),
        new AsyncServlet(
          makeWorker((x: number) => x),
          { name: 'same' },
        ),
      ]),
      new AsyncServlet(
        makeWorker(([double]: [number, number]) => double),
        { name: 'first' },
      ),
    ),
    { capacity: 16 },
  )
  const worker = {
    pid: expect.any(Number),
    cpuAffinity: null,
    state: 'ready',
    held: 0,
    currentMs: null,
    epoch: 1,
    restarts: 0,
  }
  const ageMs = { under10: 0, under100: 0, under1000: 0, under10000: 0, over10000: 0 }
  expect(JSON.parse(JSON.stringify(server.debugInfo()))).toEqual({
    state: 'open',
    capacity: 16,
    backlog: 0,
    waiting: 0,
    ageMs: { oldest: null, ...ageMs },
    servlet: {
      name: 'sequential',
      kind: 'sequential',
      children: [
        {
          name: 'ensemble',
          kind: 'ensemble',
          children: [
            {
              name: 'Double',
              kind: 'process',
              queued: 0,
              running: 0,
              workers: [
                { ...worker, name: 'Double-0' },
                { ...worker, name: 'Double-1' },
              ],
            },
            { name: 'same', kind: 'async', queued: 0, running: 0 },
          ],
        },
        { name: 'first', kind: 'async', queued: 0, running: 0 },
      ],
    },
  })
})

test('debugInfo tells what is queued, running and waiting', async () => {
  await using server = await Server.start(new ProcessServlet(Obey), { capacity: 3 })
  const calls = Array.from({ length: 5 }, () =>
    server.call({ do: 'sleep', value: 30 }, { backpressure: false }),
  )
  await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'one is running' })
  expect(server.debugInfo()).toMatchObject({
    backlog: 3,
    waiting: 2,
    servlet: { queued: 2, running: 1 },
  })
  await Promise.all(calls)
})

test('a server is ready while every stage has a live worker', async () => {
  const server = await Server.start(new ProcessServlet(Obey))
  expect(server.ready()).toBe(true)
  await expect(server.call({ do: 'exit', value: 1 })).rejects.toThrow('exited with code 1')
  expect(server.ready()).toBe(false)
  await waitUntil(() => server.ready(), { what: 'the worker is replaced' })
  await server.close()
  expect(server.ready()).toBe(false)
})

test('a script that starts a server without a guard is told what to do', async () => {
  await using host = await startHost(new URL('./fixtures/starts-itself.js', import.meta.url))
  expect(await host.line(/./)).toBe(
    'WorkerStartError STARTED_WHILE_IMPORTING behind: if (isMainModule(import.meta.url)) …',
  )
  expect(await host.exited).toEqual({ code: 0, signal: null })
})
