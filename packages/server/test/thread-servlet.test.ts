import { registerException } from '@mpservice/remote-exception'
import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  ProcessServlet,
  SequentialServlet,
  Server,
  ThreadServlet,
  Worker,
} from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Lives, NativeAddons, WhereAmI } from './fixtures/thread-workers.js'
import { Double, Echo, ModelError } from './fixtures/workers.js'

checkLeaksAfterEach()
registerException(ModelError)

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

describe('a thread servlet', () => {
  test('answers each call with its own result, from threads of this process', async () => {
    await using server = await Server.start(new ThreadServlet(Double, { threads: 2 }))
    const inputs = Array.from({ length: 200 }, (_, index) => index)
    expect(await Promise.all(inputs.map((x) => server.call(x)))).toEqual(inputs.map((x) => x * 2))
    expect(server.backlog).toBe(0)
  })

  test('loads no native addon in its threads, which would end the program with a thread that is ended', async () => {
    await using server = await Server.start(new ThreadServlet(NativeAddons))
    // Quick ones that follow each other, for which both sides wait awake.
    for (let call = 0; call < 2_000; call++) await server.call(undefined)
    const large = Buffer.alloc(200_000)
    expect(await server.call(large)).toEqual([])
  })

  test('tells its workers who they are, with a copy of its arguments and its environment', async () => {
    const args = { model: 'small', when: new Date(0) }
    const servlet = new ThreadServlet(WhereAmI, {
      threads: 2,
      name: 'where',
      args,
      env: { SECRET: 'for threads' },
    })
    expect(servlet.workers).toEqual([
      { workerIndex: 0, name: 'where-0', cpuAffinity: null },
      { workerIndex: 1, name: 'where-1', cpuAffinity: null },
    ])
    expect(servlet.children).toEqual([])
    await using server = await Server.start(servlet)
    const answer = await server.call(undefined)
    const spec = servlet.workers[answer.workerIndex]
    const place = { isMainThread: false, pid: process.pid, secret: 'for threads' }
    expect(answer).toMatchObject({ ...spec, ...place, args })
    expect(answer.threadId).toBeGreaterThan(0)
    expect(process.env['SECRET']).toBe(undefined)
  })

  test('is shown by debugInfo as threads', async () => {
    await using server = await Server.start(new ThreadServlet(Double, { threads: 2 }))
    const place = { pid: null, cpuAffinity: null, epoch: 1, restarts: 0 }
    const worker = { ...place, state: 'ready', held: 0, currentMs: null }
    expect(JSON.parse(JSON.stringify(server.debugInfo().servlet))).toEqual({
      name: 'Double',
      kind: 'thread',
      queued: 0,
      running: 0,
      workers: [
        { ...worker, name: 'Double-0' },
        { ...worker, name: 'Double-1' },
      ],
    })
  })

  test('works beside processes and on the event loop, in a row and side by side', async () => {
    await using server = await Server.start(
      new SequentialServlet(
        new ThreadServlet(Double),
        new EnsembleServlet([
          new ProcessServlet(Double),
          new ThreadServlet(Double, { threads: 2 }),
          new AsyncServlet(makeWorker((x: number) => -x)),
        ]),
        new ThreadServlet(Echo),
        new AsyncServlet(makeWorker((all: number[]) => all.join())),
      ),
    )
    const inputs = Array.from({ length: 200 }, (_, x) => x)
    let expected = 0
    for await (const [x, y] of server.stream(inputs, { returnX: true })) {
      expect([x, y]).toEqual([expected, `${4 * x},${4 * x},${-2 * x}`])
      expected++
    }
    expect(expected).toBe(inputs.length)
  })
})

describe('an exception in a thread', () => {
  test('arrives with its class, its fields and its remote stack', async () => {
    await using server = await Server.start(new ThreadServlet(Lives))
    const error: unknown = await server.call('throw').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ name: 'ModelError', message: 'no', layer: 3 })
    expect(Object(error).stack).toMatch(/thread-workers\.js[^]*Lives-0/)
    expect(server.debugInfo().servlet.workers).toMatchObject([{ restarts: 0 }])
  })
})

describe('a thread servlet refuses', () => {
  test('closures and classes that no other thread can find', () => {
    class Local extends Worker<number, number> {
      call(x: number) {
        return x
      }
    }
    // @ts-expect-error: there is no module property
    expect(() => new ThreadServlet(Local)).toThrow(
      expect.objectContaining({ code: 'NOT_IMPORTABLE' }),
    )
    const closure = makeWorker((x: number) => x)
    // @ts-expect-error: there is no module property
    expect(() => new ThreadServlet(closure)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: a ThreadServlet takes an exported class derived from Worker; what makeWorker makes exists in this thread only and runs in an AsyncServlet]`,
    )
    expect(() => new ThreadServlet(untyped(class Bare {}))).toThrow(TypeError)
  })

  test('options that it does not have, or that are no sensible numbers', () => {
    expect(
      () => new ThreadServlet(Double, untyped({ cpus: 2 })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: ThreadServlet has no option "cpus"; it has: threads, name, args, startTimeoutMs, concurrency, inline, batchSize, batchWaitMs, ringBytes, blockBytes, retries, itemTimeoutMs, maxItemsPerWorker, onAbandon, resourceLimits, env]`,
    )
    expect(() => new ThreadServlet(Double, { threads: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: threads is 0: give a count of at least 1]`,
    )
    for (const threads of [-1, 1.5, NaN, Infinity]) {
      expect(() => new ThreadServlet(Double, { threads })).toThrow(RangeError)
    }
    for (const limit of [-1, 0.5, NaN]) {
      expect(() => new ThreadServlet(Double, { ringBytes: limit })).toThrow(RangeError)
      expect(() => new ThreadServlet(Double, { blockBytes: limit })).toThrow(RangeError)
      expect(() => new ProcessServlet(Double, { ringBytes: limit })).toThrow(RangeError)
    }
    expect(() => new ThreadServlet(Double, { startTimeoutMs: -1 })).toThrow(RangeError)
  })
})
