import { AsyncServlet, makeWorker, ProcessServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Double, ModelError, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

async function* later<Value>(values: Iterable<Value>) {
  for (const value of values) {
    await new Promise((resolve) => setImmediate(resolve))
    yield value
  }
}

async function collect<Value>(values: AsyncIterable<Value>) {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

const numbers = (count: number) => Array.from({ length: count }, (_, x) => x)

describe('a stream', () => {
  test('gives results in the order of the inputs, from iterables of every kind', async () => {
    await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }))
    const expected = numbers(500).map((x) => x * 2)
    expect(await collect(server.stream(numbers(500)))).toEqual(expected)
    expect(await collect(server.stream(new Set(numbers(500))))).toEqual(expected)
    expect(await collect(server.stream(later(numbers(500))))).toEqual(expected)
    expect(await collect(server.stream(ReadableStream.from(numbers(500))))).toEqual(expected)
    expect(await collect(server.stream([]))).toEqual([])
    expect(server.backlog).toBe(0)
  })

  test('keeps the order when later items finish first', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const times = [60, 0, 30, 0, 10, 0]
    const orders = times.map((value) => ({ do: 'sleep', value }))
    expect(await collect(server.stream(orders))).toEqual(times)
  })

  test('pairs results with inputs', async () => {
    await using server = await Server.start(new ProcessServlet(Double))
    expect(await collect(server.stream([1, 2], { returnX: true }))).toEqual([
      [1, 2],
      [2, 4],
    ])
  })

  test('has errors in their places when asked', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const orders = [
      { do: 'return', value: 1 },
      { do: 'throw', value: 'no' },
      { do: 'throw-value', value: 'bare' },
      { do: 'return', value: 2 },
    ]
    const [one, error, bare, two] = await collect(server.stream(orders, { returnExceptions: true }))
    expect([one, two]).toEqual([1, 2])
    expect(error).toMatchObject({ name: 'ModelError', message: 'no' })
    expect(bare).toBeInstanceOf(Error)
    expect(bare).toMatchObject({ cause: 'bare' })
  })

  test('throws the first error otherwise, after the results before it, and leaves nothing', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    let isReturned = false
    function* orders() {
      try {
        yield { do: 'return', value: 1 }
        yield { do: 'throw', value: 'no' }
        for (;;) yield { do: 'return', value: 2 }
      } finally {
        isReturned = true
      }
    }
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const y of server.stream(orders())) seen.push(y)
    })()
    await expect(reading).rejects.toMatchObject({ name: 'ModelError', message: 'no' })
    expect(seen).toEqual([1])
    expect(isReturned).toBe(true)
    await waitUntil(() => server.backlog === 0, {
      what: 'nothing is in progress',
      timeoutMs: 1_000,
    })
  })

  test('reads nothing before it is read, and no further ahead than the capacity', async () => {
    let read = 0
    function* endless() {
      for (;;) yield read++
    }
    await using server = await Server.start(new AsyncServlet(makeWorker((x: number) => x)), {
      capacity: 8,
    })
    const stream = server.stream(endless())
    await new Promise((resolve) => setImmediate(resolve))
    expect(read).toBe(0)
    for (let taken = 1; taken <= 50; taken++) {
      await stream.next()
      await new Promise((resolve) => setImmediate(resolve))
      expect(read).toBeLessThanOrEqual(taken + 8)
    }
    await stream.return()
  })

  test('that is left early ends its inputs and frees its places', async () => {
    let isReturned = false
    async function* endless() {
      try {
        for (let x = 0; ; x++) yield { do: 'sleep', value: x % 3 }
      } finally {
        isReturned = true
      }
    }
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const seen: unknown[] = []
    for await (const y of server.stream(endless())) {
      seen.push(y)
      if (seen.length === 5) break
    }
    expect(seen).toEqual([0, 1, 2, 0, 1])
    expect(isReturned).toBe(true)
    await waitUntil(() => server.backlog === 0, {
      what: 'nothing is in progress',
      timeoutMs: 1_000,
    })
    expect(await server.call({ do: 'return', value: 'next' })).toBe('next')
  })

  test('whose inputs throw gives the results before, then throws that', async () => {
    await using server = await Server.start(new ProcessServlet(Double))
    for (const failing of [failSync(), failLater()]) {
      const seen: number[] = []
      const reading = (async () => {
        for await (const y of server.stream(failing)) seen.push(y)
      })()
      await expect(reading).rejects.toThrow('the input ended badly')
      expect(seen).toEqual([2, 4])
    }
    function* failSync() {
      yield 1
      yield 2
      throw new ModelError('the input ended badly')
    }
    async function* failLater() {
      yield* failSync()
    }
  })

  test('that waits for inputs for ever can be left', async () => {
    await using server = await Server.start(new ProcessServlet(Double))
    async function* silent() {
      yield 1
      await new Promise(() => undefined)
      yield 2
    }
    const controller = new AbortController()
    const reason = new Error('long enough')
    const stream = server.stream(silent(), { signal: controller.signal })
    expect(await stream.next()).toEqual({ done: false, value: 2 })
    setTimeout(() => controller.abort(reason), 10)
    await expect(stream.next()).rejects.toBe(reason)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('gives items that take too long a time-out each', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    const orders = [0, 500, 0].map((value) => ({ do: 'sleep', value }))
    const [first, second, third] = await collect(
      server.stream(orders, { timeoutMs: 100, returnExceptions: true }),
    )
    expect([first, third]).toEqual([0, 0])
    expect(second).toMatchObject({ code: 'TIMEOUT', phase: 'total' })
  })

  test('runs beside other streams and calls', async () => {
    await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }), {
      capacity: 16,
    })
    const streams = numbers(5).map((start) =>
      collect(server.stream(numbers(100).map((x) => 1_000 * start + x))),
    )
    const call = server.call(7, { backpressure: false })
    const results = await Promise.all(streams)
    for (const [start, result] of results.entries()) {
      expect(result).toEqual(numbers(100).map((x) => 2 * (1_000 * start + x)))
    }
    expect(await call).toBe(14)
    expect(server.backlog).toBe(0)
  })
})
