import { registerException } from '@mpservice/remote-exception'
import {
  AsyncServlet,
  EnsembleError,
  EnsembleServlet,
  makeWorker,
  PassThrough,
  ProcessServlet,
  SequentialServlet,
  Server,
  Worker,
} from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Describe, Double, Echo, ModelError, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()
registerException(ModelError)

describe('a process servlet', () => {
  test('answers each call with its own result', async () => {
    await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }))
    const inputs = Array.from({ length: 200 }, (_, index) => index)
    expect(await Promise.all(inputs.map((x) => server.call(x)))).toEqual(inputs.map((x) => x * 2))
    expect(server.backlog).toBe(0)
  })

  test('tells its workers who they are and where they run', async () => {
    const servlet = new ProcessServlet(Describe, {
      cpus: [0, null],
      name: 'describe',
      args: { model: 'small', when: new Date(0) },
    })
    expect(servlet.workers).toEqual([
      { workerIndex: 0, name: 'describe-0', cpuAffinity: [0] },
      { workerIndex: 1, name: 'describe-1', cpuAffinity: null },
    ])
    await using server = await Server.start(servlet)
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.call(undefined)))
    const workers = new Map(answers.map((answer) => [answer.workerIndex, answer]))
    expect([...workers.keys()].toSorted((a, b) => a - b)).toEqual([0, 1])
    for (const [index, worker] of workers) {
      expect(worker).toMatchObject({ ...servlet.workers[index], isReady: true })
      expect(worker.args).toEqual({ model: 'small', when: new Date(0) })
    }
  })

  test('gives each item the deadline of its caller and the number of the attempt', async () => {
    await using server = await Server.start(new ProcessServlet(Describe))
    const { item } = await server.call(undefined, { timeoutMs: 5_000 })
    expect(item.attempt).toBe(1)
    const never = await server.call(undefined, { timeoutMs: Infinity })
    expect(never.item.deadline).toBe(Infinity)
  })

  test('carries what structured clone carries', async () => {
    await using server = await Server.start(new ProcessServlet(Echo))
    const value = new Map<unknown, unknown>([
      ['set', new Set([1n, undefined, NaN])],
      ['bytes', Uint8Array.of(1, 2)],
    ])
    expect(await server.call(value)).toEqual(value)
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const back: Record<string, unknown> = await server.call(cyclic)
    expect(back['self']).toBe(back)
  })

  test('encodes an input when the call is made', async () => {
    await using server = await Server.start(new ProcessServlet(Echo))
    const input = { version: 1 }
    const answer = server.call(input)
    input.version = 2
    expect(await answer).toEqual({ version: 1 })
  })

  test('fails only the item whose value cannot be carried', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    const [input, result, fine] = await Promise.allSettled([
      server.call({ do: 'return', value: () => 1 }),
      server.call({ do: 'return-function' }),
      server.call({ do: 'return', value: 1 }),
    ])
    expect(input).toMatchObject({
      reason: {
        code: 'ENCODE',
        path: '$.value',
        message: expect.stringMatching(/^input of 'Obey': \$\.value is a function/),
      },
    })
    expect(result).toMatchObject({
      reason: {
        code: 'ENCODE',
        path: '$.inner[0]',
        message: expect.stringMatching(/^result: \$\.inner\[0\] is a function/),
      },
    })
    expect(fine).toEqual({ status: 'fulfilled', value: 1 })
  })
})

describe('an exception of a worker', () => {
  test('has its class, its fields and its remote stack', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { name: 'obey' }))
    const error: unknown = await server
      .call({ do: 'throw', value: 'no' })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ name: 'ModelError', message: 'no', layer: 3 })
    expect(Object(error).stack).toMatch(/workers\.js[^]*in process 'obey-0' \(pid \d+\)/)
  })

  test('can be any value', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    for (const value of [undefined, null, 0, 'text', { plain: true }]) {
      const outcome = await server.call({ do: 'throw-value', value }).then(
        () => 'returned',
        (thrown: unknown) => ({ thrown }),
      )
      expect(outcome).toEqual({ thrown: value })
    }
  })

  test('that is returned is a value, and thrown in a RemoteException', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    expect(await server.call({ do: 'return-error', value: 'fine' })).toBeInstanceOf(ModelError)
    await expect(server.call({ do: 'return-exception', value: 'bad' })).rejects.toMatchObject({
      name: 'ModelError',
      message: 'bad',
    })
  })

  test('skips every later stage', async () => {
    let seen = 0
    await using server = await Server.start(
      new SequentialServlet(
        new ProcessServlet(Obey),
        new AsyncServlet(makeWorker((x: unknown) => (seen++, x))),
      ),
    )
    await expect(server.call({ do: 'throw', value: 'no' })).rejects.toThrow('no')
    expect(seen).toBe(0)
    expect(await server.call({ do: 'return', value: 1 })).toBe(1)
    expect(seen).toBe(1)
  })
})

describe('an async servlet', () => {
  test('runs closures on this event loop, several items at a time up to its limit', async () => {
    let running = 0
    let most = 0
    const servlet = new AsyncServlet(
      makeWorker(async (x: number) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        return -x
      }),
      { concurrency: 3 },
    )
    await using server = await Server.start(servlet)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, x) => server.call(x + 1)))
    expect(answers).toEqual(Array.from({ length: 20 }, (_, x) => -x - 1))
    expect(most).toBe(3)
  })

  test('rejects with the very error that was thrown', async () => {
    const thrown = new ModelError('here')
    await using server = await Server.start(
      new AsyncServlet(
        makeWorker(() => {
          throw thrown
        }),
      ),
    )
    await expect(server.call(1)).rejects.toBe(thrown)
  })

  test('is not the only one that passes items through', async () => {
    await using server = await Server.start(new ProcessServlet(PassThrough<number>))
    expect(await server.call(7)).toBe(7)
  })

  test('prepares its worker before, and cleans it up after', async () => {
    const seen: string[] = []
    class Noting extends Worker<string, string> {
      readonly #args: { greeting: string }
      constructor(context: ConstructorParameters<typeof Worker>[0], args: { greeting: string }) {
        super(context)
        this.#args = args
      }
      override async init() {
        seen.push('init')
      }
      call(x: string) {
        seen.push(x)
        return this.#args.greeting + x
      }
      override cleanup() {
        seen.push('cleanup')
      }
    }
    const server = await Server.start(new AsyncServlet(Noting, { args: { greeting: 'hello ' } }))
    expect(await server.call('world')).toBe('hello world')
    await server.close()
    expect(seen).toEqual(['init', 'world', 'cleanup'])
  })
})

describe('an ensemble', () => {
  test('gives the tuple of its members’ results, for a next stage too', async () => {
    await using server = await Server.start(
      new SequentialServlet(
        new EnsembleServlet([
          new ProcessServlet(Double),
          new AsyncServlet(PassThrough<number>),
          new EnsembleServlet([new ProcessServlet(Echo), new ProcessServlet(Double)]),
        ]),
        new ProcessServlet(Echo),
      ),
    )
    expect(await server.call(4)).toEqual([8, 4, [4, 8]])
  })

  test('fails fast with an EnsembleError that holds what had finished', async () => {
    await using server = await Server.start(
      new EnsembleServlet([
        new AsyncServlet(makeWorker(() => 'first')),
        new ProcessServlet(Obey, { name: 'fails' }),
        new AsyncServlet(makeWorker(() => new Promise<string>(() => undefined))),
      ]),
    )
    const error: unknown = await server
      .call({ do: 'throw', value: 'no' })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EnsembleError)
    expect(error).toMatchObject({ code: 'ENSEMBLE', finished: 2, total: 3 })
    const { results, cause } = Object(error)
    expect(results[0]).toBe('first')
    expect(results[1]).toBeInstanceOf(ModelError)
    expect(results[2]).toBe(undefined)
    expect(cause).toBe(results[1])
    await server.kill()
  })

  test('that does not fail fast has errors in place of results', async () => {
    await using server = await Server.start(
      new SequentialServlet(
        new EnsembleServlet(
          [
            new ProcessServlet(Obey),
            new AsyncServlet(makeWorker((order: { value: string }) => order.value)),
          ],
          { failFast: false },
        ),
        new ProcessServlet(Echo),
      ),
    )
    const [first, second] = await server.call({ do: 'throw', value: 'no' })
    expect(first).toBeInstanceOf(ModelError)
    expect(second).toBe('no')
  })

  test('of which every member fails, fails', async () => {
    const servlet = new EnsembleServlet([new ProcessServlet(Obey), new ProcessServlet(Obey)], {
      failFast: false,
    })
    await using server = await Server.start(servlet)
    await expect(server.call({ do: 'throw', value: 'no' })).rejects.toMatchObject({
      code: 'ENSEMBLE',
      finished: 2,
      total: 2,
    })
  })

  test('never gives a late result to another call', async () => {
    await using server = await Server.start(
      new EnsembleServlet([
        new ProcessServlet(Obey, { cpus: 2 }),
        new AsyncServlet(
          makeWorker((order: { value: number }) => {
            if (order.value % 3 === 0) throw new ModelError('third')
            return order.value
          }),
        ),
      ]),
    )
    const outcomes = await Promise.allSettled(
      Array.from({ length: 240 }, (_, value) => server.call({ do: 'return', value })),
    )
    for (const [value, outcome] of outcomes.entries()) {
      if (value % 3 === 0) expect(outcome).toMatchObject({ reason: { code: 'ENSEMBLE' } })
      else expect(outcome).toEqual({ status: 'fulfilled', value: [value, value] })
    }
    expect(server.backlog).toBe(0)
  })
})

describe('a servlet', () => {
  test('shows its children and all workers', () => {
    const double = new ProcessServlet(Double, { cpus: 2 })
    const pass = new AsyncServlet(PassThrough<number>)
    const ensemble = new EnsembleServlet([double, pass], { name: 'both' })
    expect(ensemble.name).toBe('both')
    expect(ensemble.children).toEqual([double, pass])
    expect(ensemble.workers.map((worker) => worker.name)).toEqual([
      'Double-0',
      'Double-1',
      'PassThrough-0',
    ])
  })

  test('refuses what cannot work, with what to do', () => {
    class Local extends Worker<number, number> {
      call(x: number) {
        return x
      }
    }
    // @ts-expect-error: there is no module property
    expect(() => new ProcessServlet(Local)).toThrowErrorMatchingInlineSnapshot(
      `[NotImportableError: class "Local" cannot be found again in another process: it has no "module" property of its own. Export it and add inside the class: static readonly module = import.meta.url]`,
    )
    const closure = makeWorker((x: number) => x)
    // @ts-expect-error: there is no module property
    expect(() => new ProcessServlet(closure)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: a ProcessServlet takes an exported class derived from Worker; what makeWorker makes exists in this thread only and runs in an AsyncServlet]`,
    )
    expect(() => new ProcessServlet(Double, { cpus: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: cpus is 0: give a count of at least 1, or a list with an entry per process]`,
    )
    expect(() => new ProcessServlet(Double, { cpus: [] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: cpus is an empty list: give an entry per process]`,
    )
    expect(() => new ProcessServlet(Double, { cpus: [9_999] })).toThrow(/^CPU 9999 does not exist/)
    expect(() => new AsyncServlet(Local, { concurrency: 0 })).toThrow(RangeError)
    expect(() => new EnsembleServlet([])).toThrow(RangeError)
  })
})
