import { setTimeout as sleep } from 'node:timers/promises'
import { AsyncServlet, makeWorker, PassThrough, ProcessServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Double, ModelError, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

async function collect<Value>(values: AsyncIterable<Value>) {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

const numbers = (count: number) => Array.from({ length: count }, (_, x) => x)

/** A servlet whose items end when the test says so. */
function gate() {
  const open = new Map<number, () => void>()
  const worker = makeWorker(
    (x: number) => new Promise<string>((resolve) => open.set(x, () => resolve(`result of ${x}`))),
  )
  const finish = async (x: number) => {
    await waitUntil(() => open.has(x), { what: `item ${x} is in progress` })
    open.get(x)?.()
    open.delete(x)
  }
  return { servlet: new AsyncServlet(worker), finish, running: () => open.size }
}

describe('a stream without order', () => {
  test('gives results as they finish, each with its own input', async () => {
    const { servlet, finish } = gate()
    await using server = await Server.start(servlet)
    const stream = server.stream([0, 1, 2, 3], { ordered: false, returnX: true })
    for (const x of [2, 0, 3, 1]) {
      const [{ value }] = await Promise.all([stream.next(), finish(x)])
      expect(value).toEqual([x, `result of ${x}`])
    }
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('gives each result once, from several processes', async () => {
    await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }))
    const pairs = await collect(server.stream(numbers(2_000), { ordered: false, returnX: true }))
    expect(pairs.toSorted(([a], [b]) => a - b)).toEqual(numbers(2_000).map((x) => [x, 2 * x]))
    expect(server.backlog).toBe(0)
  })

  test('is no further ahead of its reader than the capacity', async () => {
    let read = 0
    function* endless() {
      for (;;) yield read++
    }
    await using server = await Server.start(new AsyncServlet(PassThrough<number>), { capacity: 8 })
    const stream = server.stream(endless(), { ordered: false })
    for (let taken = 1; taken <= 50; taken++) {
      await stream.next()
      await new Promise((resolve) => setImmediate(resolve))
      expect(read).toBeLessThanOrEqual(taken + 8)
    }
    await stream.return()
  })

  test('ends with the first error, even if earlier items have not finished', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const orders = [
      { do: 'hang', value: 0 },
      { do: 'throw', value: 'no' },
    ]
    await expect(collect(server.stream(orders, { ordered: false }))).rejects.toMatchObject({
      name: 'ModelError',
      message: 'no',
    })
    // Otherwise its end would wait for the item that hangs.
    await server.kill()
  })
})

describe('a settled stream', () => {
  test('tells errors that are values from errors that were thrown', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    const orders = [
      { do: 'return-error', value: 'a value' },
      { do: 'throw', value: 'thrown' },
      { do: 'throw-value', value: 'bare' },
      { do: 'return', value: 1 },
    ]
    const outcomes = await collect(server.stream(orders, { settled: true }))
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { name: 'ModelError', message: 'a value' } },
      { status: 'rejected', reason: { name: 'ModelError', message: 'thrown' } },
      { status: 'rejected', reason: 'bare' },
      { status: 'fulfilled', value: 1 },
    ])
  })

  test('can be without order, and with its inputs', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    const options = { settled: true, ordered: false, returnX: true } as const
    expect(await collect(server.stream([7], options))).toEqual([
      [7, { status: 'fulfilled', value: 7 }],
    ])
  })

  test('cannot have exceptions returned as well', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    const stream = server.stream([1], { settled: true, returnExceptions: true })
    await expect(stream.next()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: settled and returnExceptions exclude each other: with settled, errors are elements already]`,
    )
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})

describe('a preprocessor', () => {
  test('makes the inputs of the servlet; pairs have what was read', async () => {
    await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }))
    const texts = numbers(500).map(String)
    const options = { preprocessor: Number, returnX: true } as const
    expect(await collect(server.stream(texts, options))).toEqual(texts.map((x) => [x, 2 * +x]))
    const later = { ...options, preprocessor: async (x: string) => Number(x) } as const
    expect(await collect(server.stream(texts, later))).toEqual(texts.map((x) => [x, 2 * +x]))
  })

  test.each(['at once', 'later'])('that fails %s makes an error of its own item', async (when) => {
    await using server = await Server.start(new ProcessServlet(Double))
    const fail = (x: number) => {
      if (x % 3 === 1) throw new ModelError(`no ${x}`)
      return x
    }
    const preprocessor =
      when === 'at once'
        ? fail
        : async (x: number) => {
            // Later ones finish first.
            await sleep(10 - x)
            return fail(x)
          }
    const options = { preprocessor, returnX: true, settled: true } as const
    const outcomes = await collect(server.stream(numbers(9), options))
    expect(outcomes).toMatchObject(
      numbers(9).map((x) =>
        x % 3 === 1
          ? [x, { status: 'rejected', reason: { name: 'ModelError', message: `no ${x}` } }]
          : [x, { status: 'fulfilled', value: 2 * x }],
      ),
    )
    const seen: number[] = []
    const reading = (async () => {
      for await (const y of server.stream(numbers(9), { preprocessor })) seen.push(y)
    })()
    await expect(reading).rejects.toMatchObject({ name: 'ModelError', message: 'no 1' })
    expect(seen).toEqual([0])
    await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
  })

  test('runs for as many items at the same time as the capacity, and not for more', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>), { capacity: 4 })
    let running = 0
    let most = 0
    const preprocessor = async (x: number) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return x
    }
    expect(await collect(server.stream(numbers(50), { preprocessor }))).toEqual(numbers(50))
    expect(most).toBe(4)
  })

  test('that never ends is a time-out of its item, which takes no place meanwhile', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    const preprocessor = (x: number) => (x === 1 ? new Promise<number>(() => undefined) : x)
    const options = { preprocessor, timeoutMs: 50, returnExceptions: true }
    const stream = server.stream([0, 1, 2], options)
    expect(await stream.next()).toEqual({ done: false, value: 0 })
    expect(server.backlog).toBe(0)
    expect((await stream.next()).value).toMatchObject({
      code: 'TIMEOUT',
      phase: 'preprocess',
      timeoutMs: 50,
    })
    expect(await collect(stream)).toEqual([2])
  })

  test('takes its time from that of the item', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    const stream = server.stream([0], {
      preprocessor: async () => {
        await sleep(60)
        return { do: 'hang', value: 0 }
      },
      timeoutMs: 120,
      settled: true,
    })
    const [outcome] = await collect(stream)
    expect(outcome).toMatchObject({ reason: { code: 'TIMEOUT', phase: 'total', timeoutMs: 120 } })
    expect(Object(outcome).reason.elapsedMs).toBeGreaterThanOrEqual(119)
    await server.kill()
  })

  test('that still runs when the stream is left gives to nobody', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>), { capacity: 4 })
    const finish: (() => void)[] = []
    const stream = server.stream(numbers(8), {
      preprocessor: (x) =>
        new Promise<number>((resolve, reject) => {
          finish.push(() => (x % 2 === 0 ? resolve(x) : reject(new ModelError('unseen'))))
        }),
    })
    const waiting = stream.next()
    await waitUntil(() => finish.length === 4, { what: 'four are being made' })
    await stream.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    for (const end of finish) end()
    await new Promise((resolve) => setImmediate(resolve))
    expect([finish.length, server.backlog]).toEqual([4, 0])
  })

  test('that is none is refused', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    const options = Object({ preprocessor: 5 })
    await expect(server.stream([1], options).next()).rejects.toThrow(
      'the preprocessor of a stream is no function',
    )
  })
})
