import { getEventListeners } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AsyncServlet,
  makeWorker,
  PassThrough,
  Server,
  type StreamInput,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { ModelError, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

/** Endless orders of one kind, and whether they were ended. */
interface Orders {
  readonly inputs: StreamInput<{ do: string; value: number }>
  isReturned(): boolean
}

const order = (value: number) => ({ do: 'sleep', value: value % 3 })

const kinds: Record<string, () => Orders> = {
  'a generator': () => {
    let isReturned = false
    function* generate() {
      try {
        for (let x = 0; ; x++) yield order(x)
      } finally {
        isReturned = true
      }
    }
    return { inputs: generate(), isReturned: () => isReturned }
  },
  'an async generator': () => {
    let isReturned = false
    async function* generate() {
      try {
        for (let x = 0; ; x++) yield order(x)
      } finally {
        isReturned = true
      }
    }
    return { inputs: generate(), isReturned: () => isReturned }
  },
  'a ReadableStream': () => {
    let isReturned = false
    let x = 0
    const inputs = new ReadableStream({
      pull: (controller) => controller.enqueue(order(x++)),
      cancel: () => {
        isReturned = true
      },
    })
    return { inputs, isReturned: () => isReturned && !inputs.locked }
  },
  'a ReadableStream that has no more for now': () => {
    let isReturned = false
    const inputs = new ReadableStream({
      start: (controller) => {
        for (let x = 0; x < 10; x++) controller.enqueue(order(x))
      },
      cancel: () => {
        isReturned = true
      },
    })
    return { inputs, isReturned: () => isReturned && !inputs.locked }
  },
}

/** The first in threads, since they take their time to start. */
const cases = Object.entries(kinds).map(([name, makeOrders], index) => {
  const servlet = () =>
    index === 0
      ? new ThreadServlet(Obey, { threads: 2 })
      : new AsyncServlet(Obey, { concurrency: 2 })
  return { name, makeOrders, servlet }
})

async function expectReleased(server: Server<never, unknown>, orders: Orders) {
  await waitUntil(() => orders.isReturned(), { what: 'the inputs were ended' })
  await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
  expect(server.debugInfo()).toMatchObject({ waiting: 0, servlet: { queued: 0, running: 0 } })
}

describe.each(cases)('a stream from $name', ({ makeOrders, servlet }) => {
  test.each([true, false])(
    'that is left early releases everything (ordered: %s)',
    async (ordered) => {
      await using server = await Server.start(servlet(), {
        capacity: 8,
      })
      const orders = makeOrders()
      let seen = 0
      for await (const y of server.stream(orders.inputs, { ordered })) {
        expect(y).toBeLessThan(3)
        if (++seen === 5) break
      }
      await expectReleased(server, orders)
    },
  )

  test('whose reader throws releases everything', async () => {
    await using server = await Server.start(servlet(), {
      capacity: 8,
    })
    const orders = makeOrders()
    const reading = (async () => {
      for await (const y of server.stream(orders.inputs)) {
        if (y === 1) throw new ModelError('the reader')
      }
    })()
    await expect(reading).rejects.toThrow('the reader')
    await expectReleased(server, orders)
  })

  test('whose signal is aborted between two elements releases everything at once', async () => {
    await using server = await Server.start(servlet(), {
      capacity: 8,
    })
    const orders = makeOrders()
    const controller = new AbortController()
    const { signal } = controller
    const stream = server.stream(orders.inputs, { signal })
    await stream.next()
    controller.abort(new ModelError('enough'))
    await expectReleased(server, orders)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await expect(stream.next()).rejects.toBe(signal.reason)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('whose signal is aborted while an element is awaited releases everything', async () => {
    await using server = await Server.start(servlet(), { capacity: 8 })
    const orders = makeOrders()
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'go on')
    const wait = { do: 'wait-for-file', value: file }
    const busy = [server.call(wait), server.call(wait)]
    const controller = new AbortController()
    const stream = server.stream(orders.inputs, { signal: controller.signal })
    const outcomes = Promise.allSettled([stream.next(), stream.next()])
    setImmediate(() => controller.abort('enough'))
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: 'enough' },
      { status: 'fulfilled', value: { done: true, value: undefined } },
    ])
    writeFileSync(file, '')
    await Promise.all(busy)
    await expectReleased(server, orders)
  })

  test('whose item fails releases everything', async () => {
    await using server = await Server.start(servlet(), {
      capacity: 8,
    })
    const orders = makeOrders()
    const stream = server.stream(orders.inputs, {
      preprocessor: (x) => (x.value === 1 ? { do: 'throw', value: 'no' } : x),
    })
    expect(await stream.next()).toEqual({ done: false, value: 0 })
    await expect(stream.next()).rejects.toThrow('no')
    expect(orders.isReturned()).toBe(true)
    await expectReleased(server, orders)
  })

  test.each(['kill', 'close'] as const)(
    'whose server ends by %s ends with that, and ends its inputs',
    async (end) => {
      const server = await Server.start(servlet(), { capacity: 8 })
      const orders = makeOrders()
      const stream = server.stream(orders.inputs)
      await stream.next()
      const reading = (async () => {
        for await (const y of stream) expect(y).toBeLessThan(3)
      })()
      const outcome = expect(reading).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
      await server[end]()
      await outcome
      await expectReleased(server, orders)
    },
  )
})

describe('the end of a stream', () => {
  test('does not wait for an element that may never come', async () => {
    const never = makeWorker(() => new Promise<number>(() => undefined))
    const server = await Server.start(new AsyncServlet(never), { capacity: 4 })
    let isReturned = false
    function* inputs() {
      try {
        for (;;) yield 1
      } finally {
        isReturned = true
      }
    }
    const stream = server.stream(inputs())
    const waiting = [stream.next(), stream.next()]
    expect(await stream.return()).toEqual({ done: true, value: undefined })
    expect(isReturned).toBe(true)
    const done = { done: true, value: undefined }
    expect(await Promise.all(waiting)).toEqual([done, done])
    await server.kill()
  })

  test('that is thrown in from outside comes back', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    const stream = server.stream([1, 2, 3])
    await stream.next()
    const reason = new ModelError('from outside')
    await expect(stream.throw(reason)).rejects.toBe(reason)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
  })

  test('tells what the inputs throw at their end', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    function* inputs() {
      try {
        for (;;) yield 1
      } finally {
        // What a finally block throws is what the loop throws.
        // oxlint-disable-next-line no-unsafe-finally
        throw new ModelError('at the end')
      }
    }
    const reading = (async () => {
      for await (const y of server.stream(inputs())) if (y === 1) break
    })()
    await expect(reading).rejects.toThrow('at the end')
    await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
  })

  test('before its first element leaves the inputs alone', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    const inputs = new ReadableStream<number>()
    const stream = server.stream(inputs)
    expect(await stream.return()).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(inputs.locked).toBe(false)
  })

  test('of inputs that fail is told after the results before it, and lets the stream be read again', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    let count = 0
    const inputs = new ReadableStream<number>({
      pull: (controller) => {
        if (++count < 3) controller.enqueue(count)
        else controller.error(new ModelError('no more'))
      },
    })
    const stream = server.stream(inputs)
    expect([await stream.next(), await stream.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
    await expect(stream.next()).rejects.toThrow('no more')
    expect(inputs.locked).toBe(false)
    expect(server.backlog).toBe(0)
  })

  test('with `await using` is that of its block', async () => {
    await using server = await Server.start(new AsyncServlet(PassThrough<number>))
    let isReturned = false
    function* inputs() {
      try {
        for (;;) yield 1
      } finally {
        isReturned = true
      }
    }
    {
      await using stream = server.stream(inputs())
      expect(await stream.next()).toEqual({ done: false, value: 1 })
    }
    expect(isReturned).toBe(true)
  })
})
