import { EncodeError, moduleRef, ProcessServlet, Server, ThreadServlet } from '@mpservice/server'
import { checkLeaksAfterEach, startHost, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { ObeyBatch, Running, Threes } from './fixtures/batch-workers.js'
import type * as workers from './fixtures/workers.js'
import { Describe, Double, FailsInInit, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

/** The table below knows what its workers take. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const asInput = (input: unknown) => input as never

/** What comes of calls that are made at the same time, without what names the process. */
async function outcomesOf(
  servlet: ProcessServlet<never, unknown>,
  inputs: readonly unknown[],
): Promise<unknown[]> {
  await using server = await Server.start(servlet)
  const all = await Promise.allSettled(inputs.map((input) => server.call(asInput(input))))
  expect(server.backlog).toBe(0)
  return all.map((outcome) =>
    outcome.status === 'fulfilled' ? factsOf(outcome.value) : { thrown: factsOf(outcome.reason) },
  )
}

/** Errors also tell where they come from, which differs. */
function factsOf(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { name, message } = value
  return { name, message, code: Reflect.get(value, 'code'), path: Reflect.get(value, 'path') }
}

const cyclic: { self?: unknown } = {}
cyclic.self = cyclic

const table: [string, (inline: boolean) => ProcessServlet<never, unknown>, unknown[]][] = [
  ['numbers', (inline) => new ProcessServlet(Double, { inline }), [1, 2, 3, NaN]],
  [
    'orders',
    (inline) => new ProcessServlet(Obey, { inline, cpus: 2 }),
    [
      { do: 'return', value: new Map([[1, new Date(0)]]) },
      { do: 'return', value: cyclic },
      { do: 'throw', value: 'a' },
      { do: 'throw-value', value: undefined },
      { do: 'return-error', value: 'b' },
      { do: 'return-exception', value: 'c' },
      { do: 'return-function' },
      { do: 'sleep', value: 5 },
      { do: 'return', value: () => 1 },
    ],
  ],
  [
    'several orders at a time',
    (inline) => new ProcessServlet(Obey, { inline, concurrency: 4 }),
    Array.from({ length: 12 }, (_, value) => ({ do: 'sleep', value })),
  ],
  [
    'batches',
    (inline) => new ProcessServlet(Threes, { inline, batchWaitMs: 100 }),
    Array.from({ length: 9 }, (_, value) => value),
  ],
  [
    'batches with failures',
    (inline) => new ProcessServlet(ObeyBatch, { inline, batchSize: 4, batchWaitMs: 100 }),
    [
      { do: 'return', value: 1 },
      { do: 'fail-early', value: 2 },
      { do: 'fail-early-later', value: 3 },
      { do: 'prepare', value: 4 },
    ],
  ],
  [
    'a stream',
    (inline) => new ProcessServlet(Running, { inline, concurrency: 2 }),
    [1, 2, 'early', 3, 4],
  ],
]

test.each(table)('inline workers give the same as processes: %s', async (_, make, inputs) => {
  expect(await outcomesOf(make(true), inputs)).toEqual(await outcomesOf(make(false), inputs))
})

describe('inline workers', () => {
  test('live in this process, one object each, with copies of their arguments', async () => {
    const args = { list: [1] }
    const servlet = new ThreadServlet(Describe, { threads: 2, args })
    await using server = await Server.start(servlet, { inline: true })
    const answer = await server.call(untyped({}))
    expect(answer).toMatchObject({ pid: process.pid, workerIndex: 0, name: 'Describe-0', args })
    expect(answer.args).not.toBe(args)
    expect(answer.isReady).toBe(true)
    expect(server.debugInfo().servlet).toMatchObject({
      kind: 'thread',
      inline: true,
      workers: [
        { name: 'Describe-0', pid: null, state: 'ready' },
        { name: 'Describe-1', pid: null, state: 'ready' },
      ],
    })
    const info = await server.debugInfo({ stacks: true })
    expect(info.servlet.workers?.[0]?.stackError).toBe(
      'the worker runs inline, in this very thread',
    )
  })

  test('are those of servlets that do not say otherwise', async () => {
    const servlet = new ProcessServlet(Describe, { inline: false })
    await using server = await Server.start(servlet, { inline: true })
    expect((await server.call(untyped(0))).pid).not.toBe(process.pid)
    expect(server.debugInfo().servlet).not.toHaveProperty('inline')
  })

  test('get their own copies, and what cannot be carried is refused', async () => {
    await using server = await Server.start(new ProcessServlet(Obey), { inline: true })
    const value = { list: [1] }
    const answer = server.call({ do: 'return', value })
    expect(await answer).toEqual(value)
    expect(await answer).not.toBe(value)
    const refused: unknown = await server
      .call({ do: 'return', value: () => 1 })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(EncodeError)
    expect(refused).toMatchObject({ path: '$.value' })
  })

  test('do not keep the event loop from its turns', async () => {
    await using server = await Server.start(new ProcessServlet(Double), { inline: true })
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    let next = 0
    const inputs = Array.from({ length: 5_000 }, (_, x) => x)
    for await (const y of server.stream(inputs)) expect(y).toBe(2 * next++)
    clearInterval(timer)
    expect(next).toBe(inputs.length)
    expect(turns).toBeGreaterThan(0)
  })

  test('that do not start say why', async () => {
    const failing = Server.start(new ProcessServlet(FailsInInit), { inline: true })
    await expect(failing).rejects.toMatchObject({
      code: 'WORKER_START',
      reason: 'threw',
      cause: { message: 'no model file' },
    })
    const module = moduleRef<typeof workers>(new URL('./fixtures/nowhere.js', import.meta.url))
    const lost = Server.start(new ProcessServlet(module.export('Double')), { inline: true })
    await expect(lost).rejects.toMatchObject({ code: 'WORKER_START', reason: 'threw' })
  })

  test('that are killed with an item fail it, and are closed without one', async () => {
    const server = await Server.start(new ProcessServlet(Obey), { inline: true })
    const answer = expect(server.call({ do: 'hang' })).rejects.toThrow('killed')
    await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'it is at work' })
    await server.kill()
    await answer
    expect(server.backlog).toBe(0)
  })
})

test('a main module with a top-level await can serve its own class inline', async () => {
  await using host = await startHost(new URL('./fixtures/serves-inline.js', import.meta.url))
  expect(await host.line(/./)).toBe('42 in this process')
  expect(await host.exited).toEqual({ code: 0, signal: null })
})
