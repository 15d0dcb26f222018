import {
  AsyncServlet,
  EnsembleServlet,
  isServerClosedError,
  isTimeoutError,
  isWorkerStartError,
  makeWorker,
  ProcessServlet,
  SequentialServlet,
  Server,
  Worker,
} from '@mpservice/server'
import { checkLeaksAfterEach, descendants, startHost, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Double, FailsAndHangs, ModelError, Obey, ThrowsAnOddity } from './fixtures/workers.js'

checkLeaksAfterEach()

const identity = (x: number) => x

describe('the backlog', () => {
  test('counts each item once, however soon the members of an ensemble end', async () => {
    await using server = await Server.start(
      new EnsembleServlet([
        new AsyncServlet(makeWorker(identity)),
        new AsyncServlet(makeWorker(identity)),
        new ProcessServlet(Double),
      ]),
      { capacity: 2 },
    )
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((x) => server.call(x)))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect(server.backlog).toBe(0)
    const inputs = Array.from({ length: 100 }, (_, x) => x)
    for await (const [x, [y]] of server.stream(inputs, { returnX: true })) expect(y).toBe(x)
    expect(server.backlog).toBe(0)
  })

  test('admits any number of waiting calls that end at once', async () => {
    let open: (() => void) | undefined
    await using server = await Server.start(
      new AsyncServlet(
        makeWorker((x: number) => {
          if (x > 0) return x
          return new Promise<number>((resolve) => {
            open = () => resolve(x)
          })
        }),
      ),
      { capacity: 1 },
    )
    const calls = Array.from({ length: 20_000 }, (_, x) => server.call(x, { backpressure: false }))
    open?.()
    expect((await Promise.all(calls)).at(-1)).toBe(19_999)
    expect(server.backlog).toBe(0)
  })

  test('admits any number of waiting calls whose input cannot be carried', async () => {
    await using server = await Server.start(new ProcessServlet(Obey), { capacity: 1 })
    const first = server.call({ do: 'sleep', value: 20 })
    const others = Array.from({ length: 5_000 }, () =>
      server.call({ do: 'return', value: () => 1 }, { backpressure: false }),
    )
    const outcomes = await Promise.allSettled(others)
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true)
    expect(await first).toBe(20)
    expect(server.backlog).toBe(0)
  })

  test('works off any number of queued items that end at once', async () => {
    let open: (() => void) | undefined
    const gated = makeWorker((x: number) =>
      x > 0
        ? x
        : new Promise<number>((resolve) => {
            open = () => resolve(x)
          }),
    )
    await using server = await Server.start(new AsyncServlet(gated, { concurrency: 1 }), {
      capacity: 30_000,
    })
    const calls = Array.from({ length: 20_000 }, (_, x) => server.call(x))
    open?.()
    expect((await Promise.all(calls)).at(-1)).toBe(19_999)
  })

  test('frees the places of members that wait when the ensemble has failed', async () => {
    await using server = await Server.start(
      new EnsembleServlet([
        new ProcessServlet(Obey),
        new AsyncServlet(
          makeWorker((order: { fail?: boolean }) => {
            if (order.fail === true) throw new ModelError('at once')
            return 1
          }),
        ),
      ]),
      { capacity: 3 },
    )
    const busy = server.call({ do: 'sleep', value: 300 })
    const failing = [1, 2].map(() => server.call({ do: 'sleep', value: 300, fail: true }))
    await Promise.allSettled(failing)
    await waitUntil(() => server.backlog === 1, { what: 'places are free', timeoutMs: 200 })
    expect(await busy).toEqual([300, 1])
  })
})

describe('odd values', () => {
  test('thrown by a member fail that item only', async () => {
    await using server = await Server.start(
      new EnsembleServlet([
        new ProcessServlet(Obey),
        new AsyncServlet(makeWorker((order: { do: string }) => order.do)),
      ]),
    )
    await expect(server.call({ do: 'throw-null-object' })).rejects.toMatchObject({
      code: 'ENSEMBLE',
    })
    expect(server.backlog).toBe(0)
    expect(await server.call({ do: 'return', value: 1 })).toEqual([1, 'return'])
  })

  test('thrown by a member are errors in the tuple of an ensemble that does not fail fast', async () => {
    await using server = await Server.start(
      new EnsembleServlet([new ProcessServlet(Obey), new AsyncServlet(makeWorker(() => 'fine'))], {
        failFast: false,
      }),
    )
    const [first, second] = await server.call({ do: 'throw-value', value: 'bare' })
    expect(first).toBeInstanceOf(Error)
    expect(first).toMatchObject({ cause: 'bare' })
    expect(second).toBe('fine')
  })

  test('thrown by init are told as well as can be', async () => {
    await expect(Server.start(new ProcessServlet(ThrowsAnOddity))).rejects.toMatchObject({
      code: 'WORKER_START',
      reason: 'threw',
    })
  })

  test('that are promises of their own making count once', async () => {
    const twice = {
      // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
      then(resolve: (value: string) => void) {
        resolve('first')
        resolve('second')
      },
    }
    await using server = await Server.start(
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a promise of its own making
      new AsyncServlet(makeWorker(() => twice as unknown as Promise<string>)),
    )
    expect(await server.call(1)).toBe('first')
    expect(server.debugInfo().servlet.running).toBe(0)
  })
})

describe('times', () => {
  test.each([-1, NaN])('of %s ms are refused by streams and by close', async (timeoutMs) => {
    await using server = await Server.start(new AsyncServlet(makeWorker(identity)))
    await expect(server.stream([1], { timeoutMs }).next()).rejects.toThrow(RangeError)
    await expect(server.close({ drainTimeoutMs: timeoutMs })).rejects.toThrow(RangeError)
    expect(() => new ProcessServlet(Double, { startTimeoutMs: timeoutMs })).toThrow(RangeError)
  })

  test('without end are without end', async () => {
    const servlet = new ProcessServlet(Double, { startTimeoutMs: Infinity })
    const server = await Server.start(servlet)
    expect(await server.call(1, { timeoutMs: Infinity })).toBe(2)
    await server.close({ drainTimeoutMs: Infinity })
  })
})

describe('a worker', () => {
  test('that closes its input is replaced, and no item is left without an outcome', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    expect(await server.call({ do: 'close-input', value: 1 })).toBe(1)
    const isReplaced = () => server.debugInfo().servlet.workers?.[0]?.restarts === 1
    const deadline = performance.now() + 20_000
    while (!isReplaced() && performance.now() < deadline) {
      const outcome = await server.call({ do: 'return', value: 2 }).catch((error) => error.code)
      expect([2, 'WORKER_CRASHED']).toContain(outcome)
    }
    expect(isReplaced()).toBe(true)
    expect(await server.call({ do: 'return', value: 3 })).toBe(3)
  })

  test('that sends a time that is none is replaced', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    await expect(server.call({ do: 'forge-time', value: 1 })).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      cause: { code: 'PROTOCOL' },
    })
    expect(await server.call({ do: 'return', value: 3 })).toBe(3)
  })

  test('whose init throws and whose cleanup hangs is told by what it threw', async () => {
    const startedAt = performance.now()
    await expect(Server.start(new ProcessServlet(FailsAndHangs))).rejects.toMatchObject({
      reason: 'threw',
      cause: { message: 'the first reason' },
    })
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(descendants()).toEqual([])
  })

  test('of several may each be killed while idle', async () => {
    await using server = await Server.start(new ProcessServlet(Double, { cpus: 6 }))
    for (const { pid } of server.debugInfo().servlet.workers ?? [])
      process.kill(pid ?? 0, 'SIGKILL')
    await waitUntil(
      () => server.debugInfo().servlet.workers?.every(({ restarts }) => restarts === 1) ?? false,
      { what: 'all are replaced' },
    )
    expect(await server.call(1)).toBe(2)
    expect(server.state).toBe('open')
  })

  test('that throws late again and again is replaced as long as it answers', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    for (let round = 1; round <= 7; round++) {
      expect(await server.call({ do: 'throw-later', value: round })).toBe(round)
      await waitUntil(() => server.debugInfo().servlet.workers?.[0]?.restarts === round, {
        what: `restart ${round}`,
      })
      await waitUntil(() => server.ready(), { what: 'the new worker is ready' })
    }
    expect(server.state).toBe('open')
  }, 60_000)

  test('does not hold what an idle one could do', async () => {
    await using server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    // Quick items teach the server to send several at once.
    await Promise.all(
      Array.from({ length: 200 }, (_, value) => server.call({ do: 'return', value })),
    )
    const slow = [1, 2].map(() => server.call({ do: 'sleep', value: 200 }))
    await waitUntil(
      () => server.debugInfo().servlet.workers?.every(({ held }) => held === 1) ?? false,
      { what: 'each worker has one', timeoutMs: 150 },
    )
    expect(await Promise.all(slow)).toEqual([200, 200])
  })

  test('that cannot be started for want of descriptors fails the start, not the program', async () => {
    await using host = await startHost(new URL('./fixtures/few-descriptors.js', import.meta.url))
    expect(await host.nextLine({ timeoutMs: 30_000 })).toBe('WORKER_START')
    expect(await host.exited).toEqual({ code: 0, signal: null })
  })
})

describe('closing', () => {
  test('does not wait for items that nobody waits for', async () => {
    const server = await Server.start(new ProcessServlet(Obey, { cpus: 2 }))
    await expect(server.call({ do: 'spin', value: 60_000 }, { timeoutMs: 50 })).rejects.toSatisfy(
      isTimeoutError,
    )
    const startedAt = performance.now()
    await server.close()
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(descendants()).toEqual([])
  })

  test('is cut short by kill, whatever an async worker waits for', async () => {
    const server = await Server.start(
      new AsyncServlet(makeWorker(() => new Promise<number>(() => undefined))),
    )
    const hanging = expect(server.call(1)).rejects.toSatisfy(isServerClosedError)
    const closing = server.close()
    const startedAt = performance.now()
    await server.kill()
    await Promise.all([closing, hanging])
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('does not wait for ever for the cleanup of an async worker', async () => {
    class HangingCleanup extends Worker<number, number> {
      call(x: number) {
        return x
      }
      override cleanup() {
        return new Promise<void>(() => undefined)
      }
    }
    const server = await Server.start(new AsyncServlet(HangingCleanup))
    expect(await server.call(1)).toBe(1)
    await server.close()
    expect(server.state).toBe('closed')
  })
})

describe('an async worker that does not start', () => {
  test('is told like any other, and cleaned up with the reason', async () => {
    const seen: unknown[] = []
    class Fails extends Worker<number, number> {
      override init() {
        throw new ModelError('no file')
      }
      call(x: number) {
        return x
      }
      override cleanup(error: unknown) {
        seen.push(error)
      }
    }
    const error: unknown = await Server.start(new AsyncServlet(Fails)).catch((e: unknown) => e)
    expect(isWorkerStartError(error)).toBe(true)
    expect(error).toMatchObject({ workerName: 'Fails-0', reason: 'threw' })
    expect(seen).toEqual([Object(error).cause])
  })

  test('in time rejects the start', async () => {
    class Hangs extends Worker<number, number> {
      override init() {
        return new Promise<void>(() => undefined)
      }
      call(x: number) {
        return x
      }
    }
    await expect(
      Server.start(new AsyncServlet(Hangs, { startTimeoutMs: 20 })),
    ).rejects.toMatchObject({ code: 'WORKER_START', reason: 'timeout' })
  })

  test('is cleaned up after its init when another worker does not start', async () => {
    const seen: string[] = []
    class Slow extends Worker<number, number> {
      override async init() {
        await new Promise((resolve) => setTimeout(resolve, 200))
        seen.push('init')
      }
      call(x: number) {
        return x
      }
      override cleanup() {
        seen.push('cleanup')
      }
    }
    class Fails extends Worker<number, number> {
      override init() {
        throw new ModelError('no file')
      }
      call(x: number) {
        return x
      }
    }
    const servlet = new SequentialServlet(new AsyncServlet(Slow), new AsyncServlet(Fails))
    await expect(Server.start(servlet)).rejects.toMatchObject({ workerName: 'Fails-0' })
    expect(seen).toEqual(['init', 'cleanup'])
  })
})

describe('a stream', () => {
  test('ends when its server is closed, whatever it does with errors', async () => {
    const server = await Server.start(new AsyncServlet(makeWorker(identity)))
    function* endless() {
      for (let x = 0; ; x++) yield x
    }
    const stream = server.stream(endless(), { returnExceptions: true })
    expect(await stream.next()).toEqual({ done: false, value: 0 })
    await server.close()
    const reading = (async () => {
      for await (const y of stream) expect(y).toBeTypeOf('number')
    })()
    await expect(reading).rejects.toSatisfy(isServerClosedError)
  })

  test('of items that end at once leaves turns to the event loop', async () => {
    await using server = await Server.start(new AsyncServlet(makeWorker(identity)))
    function* endless() {
      for (let x = 0; ; x++) yield x
    }
    let isOver = false
    setTimeout(() => {
      isOver = true
    }, 50)
    let taken = 0
    for await (const y of server.stream(endless())) {
      taken = y
      if (isOver) break
    }
    expect(taken).toBeGreaterThan(0)
  })

  test('that fails keeps its error when its inputs fail at their end, too', async () => {
    await using server = await Server.start(new ProcessServlet(Obey))
    function* orders() {
      try {
        for (;;) yield { do: 'throw', value: 'the first error' }
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
        throw new Error('the second error')
      }
    }
    await expect(server.stream(orders()).next()).rejects.toThrow('the first error')
  })

  test('takes any iterable, a text among them', async () => {
    await using server = await Server.start(new AsyncServlet(makeWorker((x: string) => x)))
    const letters: string[] = []
    for await (const letter of server.stream('abc')) letters.push(letter)
    expect(letters).toEqual(['a', 'b', 'c'])
  })
})
