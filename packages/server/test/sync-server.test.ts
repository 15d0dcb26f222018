import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { registerException } from '@mpservice/remote-exception'
import { moduleRef, SyncServer } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  descendants,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import {
  actInProcesses,
  doubleAndAddOne,
  doubleInThreads,
  echoHere,
  echoInThread,
  exits,
  exitsInInit,
  failsInInit,
  givesNoServlet,
  loopsForEver,
  neverGives,
  neverReady,
  obeyHere,
  obeyInProcesses,
  tellsItsEnvironment,
  throws,
} from './fixtures/sync-pipelines.js'
import { ModelError } from './fixtures/workers.js'

checkLeaksAfterEach()
registerException(ModelError)

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

const numbers = (count: number) => Array.from({ length: count }, (_, x) => x)

function thrownBy(act: () => unknown): unknown {
  try {
    return { returned: act() }
  } catch (error) {
    return error
  }
}

/** Waits without an event loop. */
function waitUntilSync(isSo: () => boolean, what: string): void {
  const end = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`it did not happen that ${what}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
  }
}

/** Endless items that say how far they were read, and whether their end was asked for. */
function watched(item: (index: number) => object) {
  const state = { read: 0, isReturned: false }
  function* items() {
    try {
      for (;;) yield item(state.read++)
    } finally {
      state.isReturned = true
    }
  }
  return { state, items: items() }
}

describe('a server for code that cannot wait', () => {
  test('answers calls through workers in processes, in threads and on its event loop', () => {
    using server = SyncServer.start(doubleAndAddOne)
    expect(numbers(500).map((x) => server.callSync(x))).toEqual(numbers(500).map((x) => x * 2 + 1))
    using other = SyncServer.start(doubleInThreads)
    expect(numbers(500).map((x) => other.callSync(x))).toEqual(numbers(500).map((x) => x * 2))
    expect([server.backlog, other.backlog, server.capacity]).toEqual([0, 0, 256])
  })

  test('finds its pipeline in a module that is not imported here', () => {
    const url = new URL('fixtures/sync-pipelines.js', import.meta.url)
    const module = moduleRef<typeof import('./fixtures/sync-pipelines.js')>(url)
    using server = SyncServer.start(module.export('doubleAndAddOne'))
    expect(server.callSync(20)).toBe(41)
  })

  test('carries values large and small both ways, whatever the size of its rings', () => {
    for (const limits of [{}, { ringBytes: 4096, blockBytes: 0 }]) {
      using server = SyncServer.start(echoInThread, limits)
      for (const size of [0, 100, 3_000, 70_000, 1_000_000]) {
        const value = { bytes: Buffer.alloc(size, 'x'), text: 'y'.repeat(size), more: [2n, null] }
        const { bytes, ...others } = server.callSync(value)
        expect(value.bytes.equals(bytes)).toBe(true)
        expect(others).toEqual({ text: value.text, more: value.more })
      }
      const blobs = numbers(40).map((x) => Buffer.alloc(100_000, x))
      const results = [...server.streamSync(blobs)]
      expect(results.map((result, index) => blobs[index]?.equals(result))).toEqual(
        blobs.map(() => true),
      )
    }
  })

  test('throws what a worker throws, with its class, fields and remote stack', () => {
    using server = SyncServer.start(obeyInProcesses, { name: 'planner' })
    const error = thrownBy(() => server.callSync({ do: 'throw', value: 'no' }))
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ name: 'ModelError', message: 'no', layer: 3 })
    expect(Object(error).stack).toMatch(/workers\.js[^]*Obey-[01][^]*planner/)
    expect(thrownBy(() => server.callSync({ do: 'throw-value', value: 'bare' }))).toBe('bare')
    expect(server.callSync({ do: 'return-error', value: 'kept' })).toBeInstanceOf(ModelError)
  })

  test('refuses a value that cannot be carried, and goes on', () => {
    using server = SyncServer.start(obeyHere)
    const input = { do: 'return', value: { deep: [() => 1] } }
    expect(thrownBy(() => server.callSync(input))).toMatchObject({
      code: 'ENCODE',
      path: '$.value.deep[0]',
    })
    expect(thrownBy(() => server.callSync({ do: 'return-function' }))).toMatchObject({
      code: 'ENCODE',
      path: '$.inner[0]',
    })
    expect(server.callSync({ do: 'return', value: 1 })).toBe(1)
  })

  test('outlives a worker that dies', () => {
    using server = SyncServer.start(obeyInProcesses)
    expect(thrownBy(() => server.callSync({ do: 'kill', value: 'SIGKILL' }))).toMatchObject({
      code: 'WORKER_CRASHED',
      signalCode: 'SIGKILL',
    })
    expect(server.callSync({ do: 'return', value: 1 })).toBe(1)
  })
})

describe('a blocking call', () => {
  test('ends when its time is up', () => {
    const server = SyncServer.start(obeyHere)
    const timedOut = { code: 'TIMEOUT', phase: 'total', timeoutMs: 30 }
    const hang = { do: 'hang' }
    expect(thrownBy(() => server.callSync(hang, { timeoutMs: 30 }))).toMatchObject(timedOut)
    expect(server.backlog).toBe(1)
    server.kill()
  })

  test('ends when its time is up, even while the thread of the server is busy', () => {
    using server = SyncServer.start(obeyHere)
    const busy = { do: 'spin', value: 400 }
    expect(thrownBy(() => server.callSync(busy, { timeoutMs: 20 }))).toMatchObject({
      code: 'TIMEOUT',
      phase: 'total',
      timeoutMs: 20,
    })
    expect(server.callSync({ do: 'return', value: 'next' })).toBe('next')
    expect(server.backlog).toBe(0)
  })

  test('is refused by a full server, or waits for a place', () => {
    const server = SyncServer.start(obeyHere, { capacity: 2 })
    const hang = { do: 'hang' }
    for (const phase of ['total', 'total', 'enqueue']) {
      const options = { timeoutMs: 20, backpressure: false }
      const timedOut = { code: 'TIMEOUT', phase }
      expect(thrownBy(() => server.callSync(hang, options))).toMatchObject(timedOut)
    }
    expect(thrownBy(() => server.callSync(hang))).toMatchObject({
      code: 'SERVER_BACKLOG_FULL',
      capacity: 2,
      backlog: 2,
    })
    server.kill()
  })

  test('gets the place that another one leaves', () => {
    using server = SyncServer.start(obeyHere, { capacity: 1 })
    const sleep = { do: 'sleep', value: 50 }
    expect(thrownBy(() => server.callSync(sleep, { timeoutMs: 5 }))).toMatchObject({
      code: 'TIMEOUT',
    })
    const order = { do: 'return', value: 1 }
    expect(server.callSync(order, { backpressure: false })).toBe(1)
  })

  test('needs no event loop here', () => {
    using server = SyncServer.start(obeyInProcesses)
    let hasTurned = false
    setImmediate(() => {
      hasTurned = true
    })
    expect(server.callSync({ do: 'sleep', value: 30 })).toBe(30)
    expect(hasTurned).toBe(false)
  })
})

describe('a blocking stream', () => {
  test('gives results in the order of the inputs, from any iterable', () => {
    using server = SyncServer.start(doubleInThreads)
    const expected = numbers(2_000).map((x) => x * 2)
    expect([...server.streamSync(numbers(2_000))]).toEqual(expected)
    expect([...server.streamSync(new Set(numbers(2_000)))]).toEqual(expected)
    expect([...server.streamSync([])]).toEqual([])
    expect(server.backlog).toBe(0)
  })

  test('keeps the order when later items finish first', () => {
    using server = SyncServer.start(obeyInProcesses)
    const times = [60, 0, 30, 0, 10, 0]
    const orders = times.map((value) => ({ do: 'sleep', value }))
    expect([...server.streamSync(orders)]).toEqual(times)
  })

  test('pairs results with inputs, and has errors in their places when asked', () => {
    using server = SyncServer.start(obeyInProcesses)
    const orders = [
      { do: 'return', value: 1 },
      { do: 'throw', value: 'no' },
      { do: 'return', value: () => 1 },
      { do: 'throw-value', value: 'bare' },
      { do: 'return', value: 2 },
    ]
    const pairs = [...server.streamSync(orders, { returnX: true, returnExceptions: true })]
    expect(pairs.map(([x]) => x)).toEqual(orders)
    expect(pairs.map(([, y]) => y)).toEqual([
      1,
      expect.objectContaining({ name: 'ModelError', message: 'no' }),
      expect.objectContaining({ code: 'ENCODE', path: '$.value' }),
      expect.objectContaining({ cause: 'bare' }),
      2,
    ])
  })

  test('throws the first error otherwise, after the results before it, and leaves nothing', () => {
    using server = SyncServer.start(obeyInProcesses)
    const { state, items } = watched((index) => ({
      do: index === 3 ? 'throw' : 'return',
      value: index,
    }))
    const seen: unknown[] = []
    const reading = thrownBy(() => {
      for (const y of server.streamSync(items)) seen.push(y)
    })
    expect(reading).toBeInstanceOf(ModelError)
    expect(seen).toEqual([0, 1, 2])
    expect(state.isReturned).toBe(true)
    waitUntilSync(() => server.backlog === 0, 'the rest is dropped')
  })

  test('reads at most as far ahead as there are places, and nothing before it is read', () => {
    using server = SyncServer.start(obeyInProcesses, { capacity: 8 })
    const { state, items } = watched((value) => ({ do: 'return', value }))
    const results = server.streamSync(items)
    expect(server.callSync({ do: 'return', value: 1 })).toBe(1)
    expect(state.read).toBe(0)
    for (const taken of numbers(300)) {
      expect(results.next().value).toBe(taken)
      expect(state.read - taken).toBeLessThanOrEqual(8)
      expect(server.backlog).toBeLessThanOrEqual(8)
    }
    expect(results.return()).toEqual({ done: true, value: undefined })
    expect(state.isReturned).toBe(true)
    waitUntilSync(() => server.backlog === 0, 'the rest is dropped')
  })

  test('drops what hangs when it is left', () => {
    using server = SyncServer.start(obeyHere, { capacity: 4 })
    const orders = [
      { do: 'return', value: 1 },
      { do: 'sleep', value: 20 },
      { do: 'sleep', value: 20 },
    ]
    for (const y of server.streamSync(orders)) {
      expect(y).toBe(1)
      break
    }
    waitUntilSync(() => server.backlog === 0, 'the rest is dropped')
    expect(server.callSync({ do: 'return', value: 2 })).toBe(2)
  })

  test('ends with what its inputs throw, after the results before', () => {
    using server = SyncServer.start(doubleInThreads)
    function* items() {
      yield* numbers(50)
      throw new ModelError('no more')
    }
    const seen: unknown[] = []
    const reading = thrownBy(() => {
      for (const y of server.streamSync(items())) seen.push(y)
    })
    expect(reading).toMatchObject({ message: 'no more' })
    expect(seen).toEqual(numbers(50).map((x) => x * 2))
    expect(thrownBy(() => server.streamSync(untyped(5)).next())).toBeInstanceOf(TypeError)
  })

  test('may be used beside calls and other streams', () => {
    using server = SyncServer.start(doubleInThreads, { capacity: 16 })
    const first = server.streamSync(numbers(100))
    const second = server.streamSync(numbers(100).map((x) => x + 1_000))
    for (const x of numbers(100)) {
      expect(first.next().value).toBe(x * 2)
      expect(server.callSync(x, { backpressure: false })).toBe(x * 2)
      expect(second.next().value).toBe(2_000 + x * 2)
    }
    expect([first.next().done, second.next().done]).toEqual([true, true])
  })

  test('keeps large results that nobody takes from stopping others', () => {
    using server = SyncServer.start(echoHere, {
      ringBytes: 4096,
      blockBytes: 500_000,
      capacity: 64,
    })
    const blobs = numbers(60).map((x) => Buffer.alloc(x % 2 === 0 ? 1_500 : 100_000, x))
    const results = server.streamSync(blobs)
    const seen = [results.next().value]
    expect(server.callSync('between', { backpressure: false })).toBe('between')
    for (const y of results) seen.push(y)
    expect(seen.map((y, x) => blobs[x]?.equals(y))).toEqual(blobs.map(() => true))
  })
})

describe('the death of the thread of a server', () => {
  test.each([
    { what: 'exit', value: 3, facts: { exitCode: 3 } },
    { what: 'exit', value: 0, facts: { exitCode: 0 } },
  ])('by exit with $value ends the waiting call with its name', ({ what, value, facts }) => {
    const server = SyncServer.start(obeyHere, { name: 'planner' })
    const crash = { code: 'WORKER_CRASHED', workerName: 'planner', pid: undefined, ...facts }
    expect(thrownBy(() => server.callSync({ do: what, value }))).toMatchObject(crash)
    const failed = { code: 'SERVER_FAILED', cause: crash }
    expect(thrownBy(() => server.callSync({ do: 'return' }))).toMatchObject(failed)
    expect(thrownBy(() => server.streamSync([{ do: 'return' }]).next())).toMatchObject(failed)
    expect(server.backlog).toBe(0)
    server.close()
    expect(thrownBy(() => server.callSync({ do: 'return' }))).toMatchObject({
      code: 'SERVER_CLOSED',
    })
  })

  test('by what nobody catches has that as its cause', () => {
    const server = SyncServer.start(obeyHere)
    server.callSync({ do: 'throw-later', value: 1 })
    const error = thrownBy(() => server.callSync({ do: 'hang' }))
    expect(error).toMatchObject({
      code: 'WORKER_CRASHED',
      exitCode: 1,
      cause: { name: 'ModelError', message: 'late' },
    })
    server.close()
  })

  test('by a full heap, of which it can say nothing, is noticed while the caller blocks', () => {
    const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 }
    const server = SyncServer.start(obeyHere, { resourceLimits })
    expect(thrownBy(() => server.callSync({ do: 'heap' }))).toMatchObject({
      code: 'WORKER_CRASHED',
      isOutOfMemory: true,
      cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
    })
    server.close()
  })

  test('ends a stream after the results that were there, and takes its processes along', async () => {
    const server = SyncServer.start(obeyInProcesses)
    const pids = descendants().map(({ pid }) => pid)
    expect(pids.length).toBeGreaterThanOrEqual(2)
    server.kill()
    await waitUntil(() => !descendants().some(({ pid }) => pids.includes(pid)), {
      what: 'the processes are gone',
    })
    const dying = SyncServer.start(obeyHere)
    const orders = [
      { do: 'return', value: 1 },
      { do: 'return', value: 2 },
      { do: 'exit', value: 4 },
    ]
    const seen: unknown[] = []
    const reading = thrownBy(() => {
      for (const y of dying.streamSync(orders, { returnExceptions: true })) seen.push(y)
    })
    expect(reading).toMatchObject({ code: 'WORKER_CRASHED', exitCode: 4 })
    expect(seen).toEqual([1, 2].slice(0, seen.length))
    dying.close()
  })

  test('is known to the next call when it came in between', async () => {
    const server = SyncServer.start(obeyHere)
    server.callSync({ do: 'throw-later', value: 1 })
    let error: unknown
    const hasDied = () => {
      error = thrownBy(() => server.callSync({ do: 'return', value: 1 }))
      return error instanceof Error
    }
    await waitUntil(hasDied, { what: 'it has died' })
    expect(error).toMatchObject({ cause: { message: expect.stringContaining('late') } })
    server.close()
  })
})

describe('a start that blocks', () => {
  test.each([
    { what: 'the function throws', make: throws, cause: { name: 'ModelError' }, reason: 'threw' },
    {
      what: 'it gives no servlet',
      make: givesNoServlet,
      cause: { name: 'TypeError' },
      reason: 'threw',
    },
    { what: 'the thread exits', make: exits, reason: 'exited' },
    {
      what: 'a worker throws in init',
      make: failsInInit,
      cause: { name: 'ModelError' },
      reason: 'threw',
      workerName: 'broken-0',
    },
    {
      what: 'a worker exits',
      make: exitsInInit,
      reason: 'exited',
      workerName: 'broken-0',
      stderrTail: 'licence expired\n',
    },
    { what: 'nothing comes', make: neverGives, reason: 'timeout' },
    { what: 'the thread is stuck', make: loopsForEver, reason: 'timeout' },
    { what: 'a worker never gets ready', make: neverReady, reason: 'timeout' },
  ])('throws when $what, and leaves nothing', ({ make, what, ...facts }) => {
    const startTimeoutMs = facts.reason === 'timeout' ? 1_000 : 20_000
    const error = thrownBy(() => SyncServer.start(untyped(make), { startTimeoutMs }))
    const told = { code: 'WORKER_START', workerName: 'sync-server', ...facts }
    expect(error, what).toMatchObject(told)
  })

  test('refuses what it cannot find, and says what to do', () => {
    const local = () => untyped({})
    // @ts-expect-error: there is no module property
    expect(() => SyncServer.start(local)).toThrowErrorMatchingInlineSnapshot(
      `[NotImportableError: function "local" cannot be found again in another process: it has no "module" property of its own. Export it and add after it: local.module = import.meta.url]`,
    )
    const nowhere = moduleRef<{ make: typeof echoHere }>(new URL('nowhere.js', import.meta.url))
    expect(thrownBy(() => SyncServer.start(nowhere.export('make')))).toMatchObject({
      code: 'WORKER_START',
      cause: { code: 'ERR_MODULE_NOT_FOUND' },
    })
  })

  test('is refused to a module that is being imported by it', () => {
    const url = new URL('fixtures/sync-starts-itself.js', import.meta.url)
    const module = moduleRef<{ make: typeof echoHere }>(url)
    expect(thrownBy(() => SyncServer.start(module.export('make')))).toMatchObject({
      code: 'WORKER_START',
      cause: { name: 'StartedWhileImportingError' },
    })
  })

  test('tells that the system does not let it, and leaves nothing open', () => {
    const options = untyped({ env: 'no environment' })
    expect(thrownBy(() => SyncServer.start(echoHere, options))).toMatchObject({
      code: 'WORKER_START',
      cause: { code: 'ERR_INVALID_ARG_TYPE' },
    })
  })

  test('refuses options that it does not have, or that are no sensible numbers', () => {
    expect(() =>
      SyncServer.start(echoHere, untyped({ threads: 1 })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SyncServer.start has no option "threads"; it has: capacity, name, startTimeoutMs, resourceLimits, env, ringBytes, blockBytes]`,
    )
    for (const capacity of [0, 1.5, NaN]) {
      expect(() => SyncServer.start(echoHere, { capacity })).toThrow(RangeError)
    }
    expect(() => SyncServer.start(echoHere, { startTimeoutMs: -1 })).toThrow(RangeError)
    expect(() => SyncServer.start(echoHere, { ringBytes: 1 })).toThrow(RangeError)
    using server = SyncServer.start(echoHere)
    expect(() => server.callSync(1, { timeoutMs: NaN })).toThrow(RangeError)
    expect(() => server.callSync(1, untyped({ signal: 1 }))).toThrow(TypeError)
    expect(() => server.streamSync([1], { timeoutMs: -1 }).next()).toThrow(RangeError)
    expect(() => server.close({ drainTimeoutMs: -1 })).toThrow(RangeError)
  })

  test('passes its options on', async () => {
    using server = SyncServer.start(tellsItsEnvironment, {
      env: { SYNC_TEST_FILE: 'for the thread' },
    })
    expect(server.callSync(undefined)).toBe('for the thread')
    expect(process.env['SYNC_TEST_FILE']).toBe(undefined)
  })
})

describe('the end of a server', () => {
  test('comes after what is in progress, and after the clean-up of the workers', async () => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'log')
    const server = SyncServer.start(actInProcesses, {
      env: { ...process.env, SYNC_TEST_FILE: file },
    })
    const results = server.streamSync(numbers(20).map((value) => ({ do: 'return-soon', value })))
    const seen = [results.next().value]
    server.close()
    expect(readFileSync(file, 'utf8')).toBe('cleaned up\ncleaned up\n')
    for (const y of results) seen.push(y)
    expect(seen).toEqual(numbers(20))
    expect(thrownBy(() => server.callSync(1))).toMatchObject({ code: 'SERVER_CLOSED' })
    expect(thrownBy(() => server.streamSync([1]).next())).toMatchObject({ code: 'SERVER_CLOSED' })
    server.close()
    server.kill()
  })

  test('ends a stream that had more to read', () => {
    const server = SyncServer.start(obeyHere, { capacity: 4 })
    const { state, items } = watched((value) => ({ do: 'return', value }))
    const results = server.streamSync(items)
    const seen = [results.next().value]
    server.close()
    const reading = thrownBy(() => {
      for (const y of results) seen.push(y)
    })
    expect(reading).toMatchObject({ code: 'SERVER_CLOSED' })
    expect(seen).toEqual(numbers(seen.length))
    expect(state.isReturned).toBe(true)
  })

  test('does not wait longer than it may', () => {
    const server = SyncServer.start(obeyHere, { capacity: 4 })
    const results = server.streamSync([{ do: 'return', value: 1 }, { do: 'hang' }])
    expect(results.next().value).toBe(1)
    server.close({ drainTimeoutMs: 20 })
    expect(thrownBy(() => results.next())).toMatchObject({ code: 'SERVER_CLOSED' })
  })

  test('by kill does not wait for anything', () => {
    const server = SyncServer.start(obeyHere)
    const results = server.streamSync([
      { do: 'return', value: 1 },
      { do: 'spin', value: 600_000 },
    ])
    expect(
      thrownBy(() => server.callSync({ do: 'spin', value: 600_000 }, { timeoutMs: 10 })),
    ).toMatchObject({
      code: 'TIMEOUT',
    })
    server.kill()
    expect(thrownBy(() => results.next())).toMatchObject({ code: 'SERVER_CLOSED' })
    expect(server.backlog).toBe(0)
  })

  test('is not needed for the end of the program', async () => {
    await using host = await startHost(new URL('./fixtures/sync-host.js', import.meta.url))
    await host.line('ready')
    expect(await host.waitForExit()).toMatchObject({ code: 0 })
  })
})
