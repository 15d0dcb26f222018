import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  PassThrough,
  ProcessServlet,
  SequentialServlet,
  Server,
  SwitchServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Double, NotAWorker, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

/** What a call in plain JavaScript, without types, is told. */
function refusal(attempt: () => unknown): string {
  try {
    attempt()
    return 'nothing'
  } catch (error) {
    return String(error)
  }
}

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

describe('in plain JavaScript, too, a refusal says what to do', () => {
  test('for a closure in processes', () => {
    const shout = untyped((x: string) => x.toUpperCase())
    shout.module = import.meta.url
    expect(refusal(() => new ProcessServlet(shout))).toMatchInlineSnapshot(
      `"TypeError: a ProcessServlet takes a class derived from Worker with a method "call"; a function becomes one by makeWorker, for an AsyncServlet"`,
    )
    const made = untyped(makeWorker((x: number) => x))
    expect(refusal(() => new ProcessServlet(made))).toMatchInlineSnapshot(
      `"TypeError: a ProcessServlet takes an exported class derived from Worker; what makeWorker makes exists in this thread only and runs in an AsyncServlet"`,
    )
    expect(refusal(() => new AsyncServlet(shout))).toMatchInlineSnapshot(
      `"TypeError: an AsyncServlet takes a class derived from Worker with a method "call"; a function becomes one by makeWorker, for an AsyncServlet"`,
    )
    expect(refusal(() => new ProcessServlet(untyped(NotAWorker)))).toMatchInlineSnapshot(
      `"TypeError: a ProcessServlet takes a class derived from Worker with a method "call"; a function becomes one by makeWorker, for an AsyncServlet"`,
    )
  })

  test('for what is no servlet', async () => {
    await expect(Server.start(untyped(Double))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Server.start takes servlets, such as new ProcessServlet(MyWorker), not a class]`,
    )
    const double = new ProcessServlet(Double)
    expect(refusal(() => new SequentialServlet(untyped([double])))).toMatchInlineSnapshot(
      `"TypeError: a SequentialServlet (a, b, …) takes servlets, such as new ProcessServlet(MyWorker), not a list"`,
    )
    expect(refusal(() => new EnsembleServlet(untyped(double)))).toMatchInlineSnapshot(
      `"TypeError: an EnsembleServlet takes a list: [a, b, …]"`,
    )
    expect(refusal(() => new EnsembleServlet([untyped(Double)]))).toMatchInlineSnapshot(
      `"TypeError: an EnsembleServlet takes servlets, such as new ProcessServlet(MyWorker), not a class"`,
    )
  })

  test('for a switch without servlets or without a function', () => {
    const double = new ProcessServlet(Double)
    expect(refusal(() => new SwitchServlet(untyped(double), () => 0))).toMatchInlineSnapshot(
      `"TypeError: a SwitchServlet takes a list: [a, b, …]"`,
    )
    expect(refusal(() => new SwitchServlet([untyped(Double)], () => 0))).toMatchInlineSnapshot(
      `"TypeError: a SwitchServlet takes servlets, such as new ProcessServlet(MyWorker), not a class"`,
    )
    expect(refusal(() => new SwitchServlet([double], untyped(0)))).toMatchInlineSnapshot(
      `"TypeError: a SwitchServlet takes a function that gives the index of a member"`,
    )
    expect(
      refusal(
        () =>
          new SwitchServlet(
            [],
            untyped(() => 0),
          ),
      ),
    ).toMatchInlineSnapshot(`"RangeError: a SwitchServlet needs at least one servlet"`)
    expect(
      refusal(() => new SwitchServlet([double], () => 0, untyped({ failFast: true }))),
    ).toMatchInlineSnapshot(`"TypeError: SwitchServlet has no option "failFast"; it has: name"`)
  })

  test('for options of another name', async () => {
    expect(refusal(() => new ProcessServlet(Double, untyped({ cpu: 2 })))).toMatchInlineSnapshot(
      `"TypeError: ProcessServlet has no option "cpu"; it has: cpus, name, args, startTimeoutMs, concurrency, inline, batchSize, batchWaitMs, ringBytes, blockBytes, retries, itemTimeoutMs, maxItemsPerWorker, onAbandon, maxRssBytes, execArgv, env, inspect"`,
    )
    const servlet = new AsyncServlet(PassThrough<number>)
    await expect(Server.start(servlet, untyped({ size: 2 }))).rejects.toThrow(TypeError)
    await using server = await Server.start(servlet)
    await expect(
      server.call(1, untyped({ timeout: 5 })),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: call has no option "timeout"; it has: timeoutMs, backpressure, priority, signal]`,
    )
    await expect(server.stream([1], untyped({ order: 1 })).next()).rejects.toThrow(TypeError)
    await expect(server.close(untyped({ timeoutMs: 1 }))).rejects.toThrow(TypeError)
  })

  test('for inputs of a stream that are not iterable', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    await expect(server.stream(untyped(5)).next()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: a stream reads from an iterable, an async iterable or a ReadableStream]`,
    )
  })

  test('for a constructor without its context', () => {
    expect(refusal(() => Reflect.construct(Obey, []))).toMatchInlineSnapshot(
      `"TypeError: call super(context) in the constructor"`,
    )
  })
})

test('a full server says what to do', async () => {
  await using server = await Server.start(new ProcessServlet(Obey), { capacity: 1 })
  const first = server.call({ do: 'sleep', value: 20 })
  await expect(server.call({ do: 'return', value: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ServerBacklogFullError: the server is full: 1 of 1 items are in progress; use stream, or wait for a place with { backpressure: false }]`,
  )
  expect(await first).toBe(20)
})
