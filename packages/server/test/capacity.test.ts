import { getEventListeners } from 'node:events'
import {
  AsyncServlet,
  isServerBacklogFullError,
  isTimeoutError,
  makeWorker,
  ProcessServlet,
  Server,
} from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

/** A servlet whose items end when the test says so. */
function gate() {
  const open: ((value: number) => void)[] = []
  const servlet = new AsyncServlet(
    makeWorker(
      (x: number) =>
        new Promise<number>((resolve) => {
          open.push(() => resolve(x))
        }),
    ),
  )
  return { servlet, openNext: () => open.shift()?.(0), running: () => open.length }
}

describe('a full server', () => {
  test('refuses at once when asked for back-pressure, which is the default', async () => {
    const { servlet, openNext } = gate()
    await using server = await Server.start(servlet, { capacity: 2 })
    const calls = [server.call(1), server.call(2)]
    const error: unknown = await server.call(3).catch((reason: unknown) => reason)
    expect(isServerBacklogFullError(error)).toBe(true)
    expect(error).toMatchObject({ capacity: 2, backlog: 2 })
    openNext()
    openNext()
    expect(await Promise.all(calls)).toEqual([1, 2])
  })

  test('serves waiting calls in order, and never has more in progress than its capacity', async () => {
    const { servlet, openNext, running } = gate()
    await using server = await Server.start(servlet, { capacity: 4 })
    const finished: number[] = []
    const calls = Array.from({ length: 20 }, (_, x) =>
      server.call(x, { backpressure: false }).then((y) => finished.push(y)),
    )
    let most = 0
    while (finished.length < 20) {
      most = Math.max(most, running(), server.backlog)
      openNext()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(calls)
    expect(most).toBe(4)
    expect(finished).toEqual(Array.from({ length: 20 }, (_, x) => x))
  })

  test('never has more in progress than its capacity, whatever comes in bursts', async () => {
    let running = 0
    let most = 0
    const servlet = new AsyncServlet(
      makeWorker(async (x: number) => {
        most = Math.max(most, ++running)
        for (let turns = x % 4; turns > 0; turns--) await new Promise((r) => setImmediate(r))
        running--
        if (x % 5 === 0) throw new Error('every fifth')
        return x
      }),
    )
    await using server = await Server.start(servlet, { capacity: 7 })
    for (let burst = 0; burst < 10; burst++) {
      const controller = new AbortController()
      const outcomes = Promise.allSettled(
        Array.from({ length: 100 }, (_, x) => {
          const signal = x % 9 === 0 ? controller.signal : undefined
          return server.call(x, { backpressure: false, signal, timeoutMs: x % 7 ? 60_000 : 3 })
        }),
      )
      setImmediate(() => controller.abort())
      await outcomes
      await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
    }
    expect([most, running]).toEqual([7, 0])
  })

  test('tells a time-out while waiting for a place from one while waiting for the answer', async () => {
    const { servlet, openNext } = gate()
    await using server = await Server.start(servlet, { capacity: 1 })
    const [inside, outside] = await Promise.allSettled([
      server.call(1, { timeoutMs: 30 }),
      server.call(2, { timeoutMs: 30, backpressure: false }),
    ])
    expect(inside).toMatchObject({ reason: { code: 'TIMEOUT', phase: 'total', timeoutMs: 30 } })
    expect(outside).toMatchObject({ reason: { code: 'TIMEOUT', phase: 'enqueue' } })
    expect(server.backlog).toBe(1)
    openNext()
    await waitUntil(() => server.backlog === 0, { what: 'the late item has left' })
  })
})

describe('a time-out', () => {
  test('frees the place of an item that still waits for a worker', async () => {
    await using server = await Server.start(new ProcessServlet(Obey), { capacity: 8 })
    const busy = server.call({ do: 'sleep', value: 400 })
    const queued = server.call({ do: 'sleep', value: 0 }, { timeoutMs: 40 })
    await expect(queued).rejects.toSatisfy(isTimeoutError)
    await waitUntil(() => server.backlog === 1, { what: 'the queued item is gone', timeoutMs: 200 })
    expect(await busy).toBe(400)
  })

  test('drops the late result and never gives it to another call', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    await expect(server.call({ do: 'sleep', value: 60 }, { timeoutMs: 10 })).rejects.toSatisfy(
      isTimeoutError,
    )
    expect(await server.call({ do: 'return', value: 'mine' })).toBe('mine')
    expect(server.backlog).toBe(0)
  })

  test.each([-1, NaN])('of %s ms is refused', async (timeoutMs) => {
    await using server = await Server.start(gate().servlet)
    await expect(server.call(1, { timeoutMs })).rejects.toThrow(RangeError)
  })

  test('of a month does not end at once', async () => {
    const { servlet, openNext } = gate()
    await using server = await Server.start(servlet)
    const answer = server.call(1, { timeoutMs: 31 * 24 * 3_600_000 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    openNext()
    expect(await answer).toBe(1)
  })
})

describe('a signal', () => {
  test('ends a call that waits for a place, one that is queued, and one that is running', async () => {
    await using server = await Server.start(new ProcessServlet(Obey), { capacity: 2 })
    const reason = new Error('not needed')
    const controller = new AbortController()
    const { signal } = controller
    const outcomes = Promise.allSettled([
      server.call({ do: 'sleep', value: 100 }, { signal }),
      server.call({ do: 'sleep', value: 100 }, { signal }),
      server.call({ do: 'sleep', value: 100 }, { signal, backpressure: false }),
    ])
    setTimeout(() => controller.abort(reason), 20)
    expect(await outcomes).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'rejected', reason })),
    )
    expect(server.backlog).toBeLessThanOrEqual(1)
    await waitUntil(() => server.backlog === 0, { what: 'the running item has left' })
  })

  test('lets a waiting call leave at once, and frees nothing that it does not hold', async () => {
    const { servlet, openNext, running } = gate()
    await using server = await Server.start(servlet, { capacity: 1 })
    const controller = new AbortController()
    const { signal } = controller
    const inside = server.call(1)
    const leaving = server.call(2, { backpressure: false, signal })
    const behind = server.call(3, { backpressure: false })
    controller.abort('not needed')
    await expect(leaving).rejects.toBe('not needed')
    expect([running(), server.backlog, server.debugInfo().waiting]).toEqual([1, 1, 1])
    await expect(server.call(4)).rejects.toSatisfy(isServerBacklogFullError)
    openNext()
    await inside
    expect([running(), server.backlog, server.debugInfo().waiting]).toEqual([1, 1, 0])
    openNext()
    await behind
    expect(server.backlog).toBe(0)
  })

  test('lets a running call leave at once, whose place is free once, when its item has ended', async () => {
    const { servlet, openNext, running } = gate()
    await using server = await Server.start(servlet, { capacity: 2 })
    const controller = new AbortController()
    const { signal } = controller
    const leaving = server.call(1, { signal })
    controller.abort('not needed')
    await expect(leaving).rejects.toBe('not needed')
    const staying = server.call(2)
    expect(server.backlog).toBe(2)
    await expect(server.call(3)).rejects.toSatisfy(isServerBacklogFullError)
    openNext()
    await waitUntil(() => server.backlog === 1, { what: 'the item that was left has ended' })
    const last = server.call(4)
    await expect(server.call(5)).rejects.toSatisfy(isServerBacklogFullError)
    expect([running(), server.backlog]).toEqual([2, 2])
    openNext()
    openNext()
    await Promise.all([staying, last])
    expect(server.backlog).toBe(0)
  })

  test('that is aborted already makes the call reject with its reason', async () => {
    await using server = await Server.start(gate().servlet)
    const reason = new Error('never needed')
    await expect(server.call(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(server.backlog).toBe(0)
  })

  test('that many calls share makes no warning and keeps no listener', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): number => warnings.push(warning)
    process.on('warning', onWarning)
    const { servlet, openNext } = gate()
    await using server = await Server.start(servlet)
    const { signal } = new AbortController()
    const calls = Array.from({ length: 100 }, (_, x) => server.call(x, { signal }))
    for (const _ of calls) openNext()
    await Promise.all(calls)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('a capacity that is no whole number of at least 1 is refused', async () => {
  for (const capacity of [0, -1, 1.5, NaN]) {
    await expect(Server.start(gate().servlet, { capacity })).rejects.toThrow(RangeError)
  }
})
