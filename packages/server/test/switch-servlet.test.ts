import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  PassThrough,
  ProcessServlet,
  SequentialServlet,
  Server,
  SwitchServlet,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Double, Echo, ModelError, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

const negate = () => new AsyncServlet(makeWorker((x: number) => -x))
const count = () => new AsyncServlet(makeWorker((x: string) => x.length))

describe('a switch', () => {
  test('sends each item to exactly one member, wherever that works', async () => {
    const seen: number[] = []
    const log = makeWorker((x: number) => (seen.push(x), `logged ${x}`))
    await using server = await Server.start(
      new SwitchServlet(
        [new ProcessServlet(Double), new ThreadServlet(Echo), new AsyncServlet(log)],
        (x: number) => x % 3,
      ),
    )
    const inputs = Array.from({ length: 300 }, (_, x) => x)
    const expected = inputs.map((x) => [2 * x, x, `logged ${x}`][x % 3])
    expect(await Promise.all(inputs.slice(0, 200).map((x) => server.call(x)))).toEqual(
      expected.slice(0, 200),
    )
    for await (const [x, y] of server.stream(inputs, { returnX: true })) {
      expect(y).toEqual(expected[x])
    }
    expect(seen).toHaveLength(66 + 100)
    expect(server.backlog).toBe(0)
  })

  test('decides by the value that the stage before gave', async () => {
    await using server = await Server.start(
      new SequentialServlet(
        new ProcessServlet(Echo),
        new SwitchServlet([negate(), count()], (x) => (typeof x === 'number' ? 0 : 1)),
        new ProcessServlet(Double),
      ),
    )
    expect(await Promise.all([server.call(3), server.call('four')])).toEqual([-6, 8])
  })

  test('passes on what came from a worker as it came, whatever its function does with it', async () => {
    await using server = await Server.start(
      new SequentialServlet(
        new ProcessServlet(Echo),
        new SwitchServlet([new ProcessServlet(Echo), new ThreadServlet(Echo)], (x) => {
          const { to, list } = Object(x)
          list.push('changed')
          return to
        }),
      ),
    )
    for (const to of [0, 1]) {
      const item = { to, list: [1, new Map([[2, 3n]])], memory: Buffer.alloc(200_000, to) }
      const answer = Object(await server.call(item))
      expect({ to: answer.to, list: answer.list }).toEqual({ to, list: item.list })
      expect(item.memory.equals(answer.memory)).toBe(true)
    }
  })

  test('never gets an item that has failed before', async () => {
    let selected = 0
    const select = () => {
      selected++
      return 0
    }
    await using server = await Server.start(
      new SequentialServlet(new ProcessServlet(Obey), new SwitchServlet([negate()], select)),
    )
    const failing = server.call({ do: 'throw', value: 'no' })
    await expect(failing).rejects.toMatchObject({ name: 'ModelError', message: 'no' })
    expect(selected).toBe(0)
    expect(await server.call({ do: 'return', value: 1 })).toBe(-1)
    expect(selected).toBe(1)
  })

  test('never gets an item whose caller has left', async () => {
    const selected: unknown[] = []
    const select = (x: unknown) => {
      selected.push(x)
      return 0
    }
    await using server = await Server.start(
      new SequentialServlet(new ProcessServlet(Obey), new SwitchServlet([negate()], select)),
    )
    const slow = server.call({ do: 'sleep', value: 60 }, { timeoutMs: 10 })
    await expect(slow).rejects.toMatchObject({ code: 'TIMEOUT' })
    await waitUntil(() => server.backlog === 0, { what: 'the late item has left' })
    expect(await server.call({ do: 'return', value: 1 })).toBe(-1)
    expect(selected).toEqual([1])
  })

  test('nests with other compositions', async () => {
    const inner = new SwitchServlet([negate(), new ThreadServlet(Double)], (x: number) =>
      x < 0 ? 0 : 1,
    )
    const pass = new AsyncServlet(PassThrough<number>)
    await using server = await Server.start(
      new SwitchServlet([new EnsembleServlet([inner, pass]), negate()], (x: number) =>
        Math.abs(x) > 5 ? 1 : 0,
      ),
    )
    const answers = [-2, 3, 7].map((x) => server.call(x))
    expect(await Promise.all(answers)).toEqual([[2, -2], [6, 3], -7])
  })

  test('shows its members', async () => {
    const servlet = new SwitchServlet([negate(), new ProcessServlet(Echo)], () => 0, {
      name: 'either',
    })
    expect(servlet.workers.map(({ name }) => name)).toEqual(['FunctionWorker-0', 'Echo-0'])
    await using server = await Server.start(servlet)
    expect(server.ready()).toBe(true)
    expect(server.debugInfo().servlet).toMatchObject({
      name: 'either',
      kind: 'switch',
      children: [{ kind: 'async' }, { kind: 'process' }],
    })
  })

  test('goes on when a worker of one member dies', async () => {
    await using server = await Server.start(
      new SwitchServlet(
        [new ProcessServlet(Obey), new ProcessServlet(Obey)],
        ({ to }: { to: number }) => to,
      ),
    )
    const outcomes = await Promise.allSettled([
      server.call(Object({ to: 0, do: 'exit', value: 3 })),
      server.call(Object({ to: 1, do: 'return', value: 'alive' })),
    ])
    expect(outcomes).toMatchObject([
      { reason: { code: 'WORKER_CRASHED', exitCode: 3 } },
      { value: 'alive' },
    ])
    await waitUntil(() => server.ready(), { what: 'the worker is replaced' })
    expect(await server.call(Object({ to: 0, do: 'return', value: 'again' }))).toBe('again')
  })
})

describe('a switch whose function', () => {
  test.each([
    { gives: -1, shown: '-1' },
    { gives: 2, shown: '2' },
    { gives: 0.5, shown: '0.5' },
    { gives: NaN, shown: 'NaN' },
    { gives: Infinity, shown: 'Infinity' },
    { gives: '0', shown: 'a string' },
    { gives: 0n, shown: 'a bigint' },
    { gives: undefined, shown: 'undefined' },
    { gives: null, shown: 'null' },
    { gives: {}, shown: 'an object' },
    { gives: () => 0, shown: 'a function' },
    { gives: Promise.resolve(0), shown: 'a promise' },
  ])('gives $shown fails that item alone', async ({ gives, shown }) => {
    const members = [negate(), new AsyncServlet(PassThrough<number>)]
    const select = (x: number) => (x === 13 ? Object({ gives }).gives : x % 2)
    await using server = await Server.start(new SwitchServlet(members, select))
    const outcomes = await Promise.allSettled([12, 13, 14].map((x) => server.call(x)))
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: -12 },
      { status: 'rejected', reason: expect.any(RangeError) },
      { status: 'fulfilled', value: -14 },
    ])
    expect(outcomes[1]).toMatchObject({
      reason: {
        message: `select of 'switch' gave ${shown}, which is none of its 2 servlets: give an index from 0 to 1`,
      },
    })
    expect(server.backlog).toBe(0)
  })

  test('gives a promise that rejects leaves no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const select = () => Object(Promise.reject(new ModelError('later')))
    await using server = await Server.start(new SwitchServlet([negate()], select))
    await expect(server.call(1)).rejects.toThrow('gave a promise')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
  })

  test('throws fails that item alone, with what it threw', async () => {
    const select = (x: number) => {
      if (x === 13) throw new ModelError('unlucky')
      // Any value can be thrown.
      // oxlint-disable-next-line typescript/only-throw-error
      if (x === 17) throw 'a text'
      return 0
    }
    await using server = await Server.start(
      new SequentialServlet(
        new ProcessServlet(Echo),
        new SwitchServlet([new ProcessServlet(Double)], select),
      ),
    )
    const outcomes = await Promise.allSettled([12, 13, 17, 18].map((x) => server.call(x)))
    expect(outcomes).toMatchObject([
      { value: 24 },
      { reason: { name: 'ModelError', message: 'unlucky' } },
      { reason: 'a text' },
      { value: 36 },
    ])
    expect(server.backlog).toBe(0)
  })
})
