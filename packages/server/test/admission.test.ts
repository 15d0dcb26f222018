import {
  AsyncServlet,
  isServerBacklogFullError,
  isServerClosedError,
  makeWorker,
  ProcessServlet,
  Server,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

/** A server whose items end when the test says so, and which says in which order they have begun. */
async function startGated(options: { capacity?: number; concurrency?: number }) {
  const { capacity, concurrency } = options
  const begun: unknown[] = []
  const open: (() => void)[] = []
  const worker = makeWorker((x: unknown) => {
    begun.push(x)
    return new Promise<unknown>((resolve) => {
      open.push(() => resolve(x))
    })
  })
  const server = await Server.start(new AsyncServlet(worker, { concurrency }), { capacity })
  return {
    server,
    begun,
    /** Lets the item end that has begun first. */
    async endNext() {
      open.shift()?.()
      await nextTurn()
    },
    async endAll(calls: readonly Promise<unknown>[]) {
      const state = { isDone: false }
      const done = Promise.all(calls).finally(() => (state.isDone = true))
      while (!state.isDone) {
        for (const end of open.splice(0)) end()
        await nextTurn()
      }
      return done
    },
    [Symbol.asyncDispose]: () => server.kill(),
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A stream that is read until the server ends. */
async function readAll(server: Server<unknown, unknown>, x: unknown, priority = 0): Promise<void> {
  try {
    for await (const _ of server.stream(endless(x), { priority, ordered: false }));
  } catch (error) {
    if (!isServerClosedError(error)) throw error
  }
}

function* endless<X>(value: X) {
  for (;;) yield value
}

describe('calls that wait for a place', () => {
  test('get it by their priority, and in order where that is the same', async () => {
    await using gated = await startGated({ capacity: 1 })
    const { server } = gated
    const calls = ['first', 'b1', 'a1', 'c1', 'b2', 'a2'].map((name) =>
      server.call(name, { backpressure: false, priority: name.charCodeAt(0) - 98 }),
    )
    await gated.endAll(calls)
    expect(gated.begun).toEqual(['first', 'c1', 'b1', 'b2', 'a1', 'a2'])
  })

  test('are served at the latest when seven that are more urgent have been', async () => {
    await using gated = await startGated({ capacity: 1 })
    const { server } = gated
    const options = { backpressure: false }
    const calls = [server.call('first')]
    calls.push(server.call('low', { ...options, priority: -128 }))
    for (let index = 0; index < 20; index++) {
      calls.push(server.call(index, { ...options, priority: 127 }))
    }
    await gated.endAll(calls)
    expect(gated.begun.indexOf('low')).toBe(8)
  })
})

describe.each([
  { kind: 'processes', servlet: new ProcessServlet(Obey) },
  { kind: 'threads', servlet: new ThreadServlet(Obey) },
])('calls that wait for $kind', ({ servlet }) => {
  test('go to them by their priority', async () => {
    await using server = await Server.start(servlet)
    const finished: unknown[] = []
    const call = (name: string, priority: number): Promise<unknown> =>
      server.call({ do: 'sleep', value: 4 }, { priority }).then(() => finished.push(name))
    // One is being worked on, and others may be in the worker's hands.
    const calls = Array.from({ length: 6 }, (_, index) => call(`early ${index}`, 0))
    for (let index = 0; index < 6; index++) calls.push(call('low', -1), call('high', 1))
    await Promise.all(calls)
    const late = finished.filter((name) => name === 'low' || name === 'high')
    expect(late.slice(0, 5)).toEqual(Array(5).fill('high'))
    expect(late).toHaveLength(12)
  })
})

test('calls that wait for a worker on the event loop go to it by their priority', async () => {
  await using gated = await startGated({ concurrency: 1 })
  const { server } = gated
  const calls = [0, -1, 5, -1, 5].map((priority) => server.call(priority, { priority }))
  await gated.endAll(calls)
  expect(gated.begun).toEqual([0, 5, 5, -1, -1])
})

describe('streams', () => {
  test.each([
    { capacity: 1, left: 0 },
    { capacity: 2, left: 1 },
    { capacity: 31, left: 1 },
    { capacity: 64, left: 4 },
  ])('leave $left of $capacity places to calls', async ({ capacity, left }) => {
    await using gated = await startGated({ capacity })
    const { server, begun } = gated
    const streams = [readAll(server, 'a'), readAll(server, 'b')]
    expect(server.backlog).toBe(capacity - left)
    const calls = Array.from({ length: left }, () => server.call('call'))
    expect([server.backlog, begun.filter((x) => x === 'call').length]).toEqual([capacity, left])
    await expect(server.call('one more')).rejects.toSatisfy(isServerBacklogFullError)
    await gated.endAll(calls)
    await server.kill()
    await Promise.all(streams)
  })

  test('and calls get places in turn', async () => {
    await using gated = await startGated({ capacity: 16 })
    const { server, begun } = gated
    const streams = [readAll(server, 'a'), readAll(server, 'b')]
    const calls = Array.from({ length: 5 }, () => server.call('call', { backpressure: false }))
    expect(begun).toHaveLength(16)
    for (let item = 0; item < 14; item++) await gated.endNext()
    expect(begun.slice(16, 30).join(' ')).toBe('a b call a b call a b call a b call a b')
    await gated.endAll(calls)
    await server.kill()
    await Promise.all(streams)
  })

  test('get equal shares, whatever else they are', async () => {
    await using gated = await startGated({ capacity: 16 })
    const streams = ['a', 'b', 'c'].map((x) => readAll(gated.server, x))
    for (let item = 0; item < 315; item++) await gated.endNext()
    const late = gated.begun.slice(15, 315)
    expect(['a', 'b', 'c'].map((x) => late.filter((y) => x === y).length)).toEqual([100, 100, 100])
    await gated.server.kill()
    await Promise.all(streams)
  })

  test('are as urgent as their priority says', async () => {
    await using gated = await startGated({ capacity: 4 })
    const streams = [readAll(gated.server, 'low', -1), readAll(gated.server, 'high', 1)]
    for (let item = 0; item < 16; item++) await gated.endNext()
    const sevenHigh = Array(7).fill('high')
    expect(gated.begun.slice(0, 3)).toEqual(['low', 'low', 'low'])
    expect(gated.begun.slice(3)).toEqual([...sevenHigh, 'low', ...sevenHigh, 'low'])
    await gated.server.kill()
    await Promise.all(streams)
  })
})

describe('the capacity of a server that runs', () => {
  test('admits waiting calls at once when it grows', async () => {
    await using gated = await startGated({ capacity: 1 })
    const { server } = gated
    const calls = [1, 2, 3, 4].map((x) => server.call(x, { backpressure: false }))
    expect(gated.begun).toEqual([1])
    server.capacity = 3
    expect([server.capacity, server.backlog, gated.begun]).toEqual([3, 3, [1, 2, 3]])
    expect(server.debugInfo()).toMatchObject({ capacity: 3, backlog: 3, waiting: 1 })
    await gated.endAll(calls)
  })

  test('lets a stream read further at once when it grows', async () => {
    await using gated = await startGated({ capacity: 2 })
    const { server } = gated
    let read = 0
    function* inputs() {
      for (; read < 100; read++) yield read
    }
    const stream = server.stream(inputs())
    const element = stream.next()
    expect([read, server.backlog]).toEqual([1, 1])
    server.capacity = 32
    expect([read, server.backlog]).toEqual([31, 30])
    await gated.endAll([element])
    await stream.return()
  })

  test('admits none until below it when it shrinks, and lets those finish that are in progress', async () => {
    await using gated = await startGated({ capacity: 4 })
    const { server } = gated
    const calls = [1, 2, 3, 4, 5, 6].map((x) => server.call(x, { backpressure: false }))
    server.capacity = 2
    await expect(server.call(7)).rejects.toMatchObject({ capacity: 2, backlog: 4 })
    for (const left of [3, 2]) {
      await gated.endNext()
      expect([server.backlog, gated.begun.length]).toEqual([left, 4])
    }
    await gated.endNext()
    expect([server.backlog, gated.begun.length]).toEqual([2, 5])
    expect(await gated.endAll(calls)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('is refused when it is no whole number of at least 1, and stays as it was', async () => {
    await using gated = await startGated({ capacity: 7 })
    const { server } = gated
    for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => (server.capacity = capacity)).toThrow(RangeError)
    }
    expect(server.capacity).toBe(7)
  })
})

test('a priority that is no whole number from -128 to 127 is refused', async () => {
  await using gated = await startGated({})
  const { server } = gated
  for (const priority of [-129, 128, 0.5, NaN, Infinity]) {
    await expect(server.call(1, { priority })).rejects.toThrow(RangeError)
    await expect(server.stream([1], { priority }).next()).rejects.toThrow(RangeError)
  }
  expect(server.backlog).toBe(0)
})
