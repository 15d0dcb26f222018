import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { registerException } from '@mpservice/remote-exception'
import { moduleRef, Pool } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import {
  add,
  double,
  doubleLater,
  obey,
  shownElsewhere,
  whereAmI,
} from './fixtures/pool-functions.js'
import { ModelError } from './fixtures/workers.js'

checkLeaksAfterEach()
registerException(ModelError)

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

const numbers = (count: number) => Array.from({ length: count }, (_, x) => x)

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

const kinds = [{ processes: 2 }, { threads: 2 }] as const

describe.each(kinds)('a pool of %o', (kind) => {
  test('applies functions, sync and async, here and in modules that are not imported here', async () => {
    await using pool = await Pool.start(kind)
    expect(await pool.apply(add, [1, 2])).toBe(3)
    expect(await pool.apply(doubleLater, [4])).toBe(8)
    const work = moduleRef<typeof import('./fixtures/pool-functions.js')>(
      new URL('fixtures/pool-functions.js', import.meta.url),
    )
    expect(await pool.apply(work.export('add'), ['a', 'b'])).toBe('ab')
    const { pid } = await pool.apply(whereAmI)
    expect(pid === process.pid).toBe('threads' in kind)
  })

  test('maps in order, from iterables of every kind', async () => {
    await using pool = await Pool.start(kind)
    const expected = numbers(5_000).map((x) => x * 2)
    expect(await pool.map(double, numbers(5_000))).toEqual(expected)
    expect(await pool.map(double, new Set(numbers(5_000)))).toEqual(expected)
    expect(await pool.map(double, later(numbers(5_000)))).toEqual(expected)
    expect(await pool.map(double, ReadableStream.from(numbers(5_000)))).toEqual(expected)
    expect(await pool.map(double, [])).toEqual([])
    expect(await pool.map(doubleLater, numbers(50))).toEqual(expected.slice(0, 50))
    expect(
      await pool.starmap(
        add,
        numbers(500).map((x) => [x, x]),
      ),
    ).toEqual(expected.slice(0, 500))
    expect(await collect(pool.imap(double, later(numbers(5_000))))).toEqual(expected)
    const unordered = await collect(pool.imapUnordered(double, numbers(5_000)))
    expect(unordered.toSorted((a, b) => a - b)).toEqual(expected)
    expect(pool.debugInfo().backlog).toBe(0)
  })

  test('keeps results in order when later items are done first', async () => {
    await using pool = await Pool.start(kind)
    const times = [60, 1, 20, 1, 1, 1, 5, 1]
    const orders = times.map((value) => ({ do: 'spin', value }))
    expect(await pool.map(obey, orders)).toEqual(times)
    expect(await collect(pool.imap(obey, orders))).toEqual(times)
    expect(await collect(pool.imapUnordered(obey, orders))).not.toEqual(times)
  })

  test('throws what the function throws, with its class, fields and remote stack', async () => {
    await using pool = await Pool.start({ ...kind, name: 'crew' })
    const order = { do: 'throw', value: 'no' }
    const quick = numbers(1_000).map((value) => ({ do: 'return', value }))
    for (const fail of [
      () => pool.apply(obey, [order]),
      () => pool.apply(obey, [{ do: 'reject', value: 'no' }]),
      () => pool.apply(obey, [{ do: 'return-exception', value: 'no' }]),
      () => pool.map(obey, [order]),
      () => pool.map(obey, [...quick, order, ...quick], { chunkSize: 100 }),
      () => collect(pool.imap(obey, [...quick, order, ...quick])),
    ]) {
      const error: unknown = await fail().catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ModelError)
      expect(error).toMatchObject({ name: 'ModelError', message: 'no', layer: 3 })
      expect(Object(error).stack).toMatch(/pool-functions\.js[^]*crew-[01]/)
    }
    await expect(pool.apply(obey, [{ do: 'throw-value', value: 'bare' }])).rejects.toBe('bare')
    expect(pool.debugInfo().servlet.workers).toMatchObject([{ restarts: 0 }, { restarts: 0 }])
  })

  test('survives the death of a worker, which fails its chunk only', async () => {
    await using pool = await Pool.start(kind)
    await expect(pool.apply(obey, [{ do: 'exit', value: 3 }])).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      exitCode: 3,
    })
    const orders = [
      ...numbers(10).map((value) => ({ do: 'return', value })),
      { do: 'exit', value: 3 },
      ...numbers(10).map((value) => ({ do: 'return', value })),
    ]
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const x of pool.imap(obey, orders, { chunkSize: 5 })) seen.push(x)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
    expect(seen).toEqual(numbers(10))
    await expect(pool.map(obey, orders)).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
    await waitUntil(
      () => pool.debugInfo().servlet.workers?.every(({ state }) => state === 'ready') ?? false,
      { what: 'they are replaced' },
    )
    expect(await pool.map(double, numbers(100))).toEqual(numbers(100).map((x) => x * 2))
  })
})

describe('an item that fails', () => {
  test('lets those before it in its chunk have their results', async () => {
    await using pool = await Pool.start({ threads: 1 })
    const values = numbers(20).map((value) => ({ do: 'return', value }))
    for (const failing of [
      { do: 'throw', value: 'no' },
      { do: 'return-function', value: 0 },
      { do: 'return', value: () => 1 },
    ]) {
      const seen: unknown[] = []
      const reading = (async () => {
        const items = [...values, failing, ...values]
        for await (const x of pool.imap(obey, items, { chunkSize: 30 })) seen.push(x)
      })()
      await expect(reading).rejects.toBeInstanceOf(Error)
      expect(seen).toEqual(numbers(20))
    }
  })

  test('because it cannot be carried says where in it', async () => {
    await using pool = await Pool.start({ threads: 1 })
    await expect(pool.apply(add, [1, untyped({ fn: () => 1 })])).rejects.toMatchObject({
      code: 'ENCODE',
      path: '$[1].fn',
      message: expect.not.stringContaining('$[3]'),
    })
    const item = { do: 'return', value: { deep: [Symbol('no')] } }
    for (const chunkSize of [1, 3]) {
      await expect(pool.map(obey, [item, item], { chunkSize })).rejects.toMatchObject({
        code: 'ENCODE',
        path: '$.value.deep[0]',
      })
      const order = { do: 'return-function' }
      await expect(pool.map(obey, [order, order], { chunkSize })).rejects.toMatchObject({
        code: 'ENCODE',
        path: '$.inner[0]',
      })
    }
    expect(await pool.apply(add, [1, 2])).toBe(3)
  })

  test('keeps what is not begun from being begun', async () => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'begun')
    await using pool = await Pool.start({ processes: 2 })
    const orders = numbers(1_000).map((value) => ({
      do: value === 3 ? 'throw' : 'spin',
      value: 2,
      file,
    }))
    await expect(pool.map(obey, orders)).rejects.toBeInstanceOf(ModelError)
    await waitUntil(() => pool.debugInfo().backlog === 0, { what: 'all is dropped' })
    const begun = (await readFile(file, 'utf8')).split('\n').length - 1
    expect(begun).toBeGreaterThanOrEqual(4)
    expect(begun).toBeLessThan(20)
  })

  test('is not waited for behind slow ones', async () => {
    await using folder = await temporaryDirectory()
    const file = join(folder.path, 'go')
    await using pool = await Pool.start({ processes: 2 })
    const orders = [
      { do: 'wait-for-file', value: file },
      { do: 'throw', value: 'no' },
    ]
    await expect(pool.map(obey, orders)).rejects.toBeInstanceOf(ModelError)
    await writeFile(file, '')
  })
})

describe('the chunks of a pool', () => {
  test('are found by how long items take: slow ones go one by one', async () => {
    await using pool = await Pool.start({ processes: 2 })
    const slow = watched(() => ({ do: 'spin', value: 5 }))
    let taken = 0
    for await (const x of pool.imap(obey, slow.items)) {
      expect(x).toBe(5)
      if (++taken === 10) break
    }
    // Three chunks for each worker, of one item each, are ahead of the reader at most.
    expect(slow.state.read).toBeLessThanOrEqual(10 + 6 + 1)
    expect(slow.state.isReturned).toBe(true)
  })

  test('of quick items are large, but bounded', async () => {
    await using pool = await Pool.start({ processes: 2 })
    const quick = watched(() => ({ do: 'return', value: 1 }))
    let taken = 0
    let ahead = 0
    for await (const x of pool.imap(obey, quick.items)) {
      expect(x).toBe(1)
      ahead = Math.max(ahead, quick.state.read - ++taken)
      if (taken === 50_000) break
    }
    expect(ahead).toBeGreaterThan(6)
    expect(ahead).toBeLessThanOrEqual(6 * 1_024)
    expect(quick.state.isReturned).toBe(true)
    await waitUntil(() => pool.debugInfo().backlog === 0, { what: 'the rest is dropped' })
  })

  test('have the size that was asked for', async () => {
    await using pool = await Pool.start({ processes: 1 })
    const orders = numbers(10).map((value) => ({ do: value === 6 ? 'exit' : 'return', value }))
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const x of pool.imap(obey, orders, { chunkSize: 4 })) seen.push(x)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
    expect(seen).toEqual([0, 1, 2, 3])
  })

  test('do not wait for items that come late', async () => {
    await using pool = await Pool.start({ threads: 1 })
    await pool.map(double, numbers(5_000))
    let giveNext: (() => void) | undefined
    async function* items() {
      for (const x of numbers(100)) yield x
      await new Promise<void>((resolve) => {
        giveNext = resolve
      })
      yield 100
    }
    let seen = 0
    for await (const x of pool.imap(double, items())) {
      expect(x).toBe(seen++ * 2)
      if (seen === 100) giveNext?.()
    }
    expect(seen).toBe(101)
  })

  test('read nothing before the first result is asked for', async () => {
    await using pool = await Pool.start({ threads: 1 })
    const { state, items } = watched(() => ({ do: 'return', value: 1 }))
    const results = pool.imap(obey, items)
    await pool.apply(add, [1, 2])
    expect(state.read).toBe(0)
    await results.return()
  })
})

describe('a map ends', () => {
  test('with what its items throw, after the results before', async () => {
    await using pool = await Pool.start({ threads: 2 })
    function* items() {
      yield* numbers(100)
      throw new ModelError('no more')
    }
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const x of pool.imap(double, items())) seen.push(x)
    })()
    await expect(reading).rejects.toThrow('no more')
    expect(seen).toEqual(numbers(100).map((x) => x * 2))
    await expect(pool.map(double, items())).rejects.toThrow('no more')
    await expect(pool.map(double, untyped(5))).rejects.toThrow(TypeError)
  })

  test('with the reason of its signal, and drops what is in progress', async () => {
    await using pool = await Pool.start({ processes: 2 })
    const controller = new AbortController()
    const { signal } = controller
    const { state, items } = watched(() => ({ do: 'spin', value: 1 }))
    const mapping = pool.map(obey, items, { signal })
    const hanging = pool.apply(obey, [{ do: 'hang' }], { signal })
    const reading = collect(pool.imap(obey, [{ do: 'hang' }], { signal }))
    await waitUntil(() => state.read > 10, { what: 'it goes on' })
    controller.abort(new ModelError('enough'))
    for (const one of [mapping, hanging, reading]) await expect(one).rejects.toThrow('enough')
    await expect(pool.map(double, [1], { signal })).rejects.toThrow('enough')
    const { read } = state
    expect(state.isReturned).toBe(true)
    await pool.kill()
    expect(state.read).toBe(read)
  })

  test('when a chunk takes longer than it may', async () => {
    const pool = await Pool.start({ threads: 1 })
    const timedOut = { code: 'TIMEOUT', timeoutMs: 50 }
    const options = { timeoutMs: 50 }
    await expect(pool.apply(obey, [{ do: 'hang' }], options)).rejects.toMatchObject(timedOut)
    await expect(pool.map(obey, [{ do: 'hang' }], options)).rejects.toMatchObject(timedOut)
    await pool.kill()
  })

  test('without a warning when many workers share it', async () => {
    const warnings: unknown[] = []
    const note = (warning: unknown) => void warnings.push(warning)
    process.on('warning', note)
    await using pool = await Pool.start({ threads: 6 })
    const { signal } = new AbortController()
    const orders = numbers(200).map(() => ({ do: 'spin', value: 1 }))
    await Promise.all([pool.map(obey, orders, { signal }), pool.map(obey, orders, { signal })])
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
})

describe('the end of a pool', () => {
  test('comes after all items of a map, and refuses what comes later', async () => {
    const pool = await Pool.start({ processes: 2 })
    const mapping = pool.map(
      obey,
      numbers(100).map((value) => ({ do: 'spin', value: value % 3 })),
    )
    const applying = pool.apply(add, [1, 2])
    const closing = pool.close()
    const closed = { code: 'SERVER_CLOSED' }
    await expect(pool.apply(add, [1, 2])).rejects.toMatchObject(closed)
    await expect(pool.map(double, [1])).rejects.toMatchObject(closed)
    await expect(pool.imap(double, [1]).next()).rejects.toMatchObject(closed)
    await closing
    expect(await mapping).toEqual(numbers(100).map((value) => value % 3))
    expect(await applying).toBe(3)
    await pool.close()
    await pool.kill()
  })

  test('gives a reader what is on its way', async () => {
    const pool = await Pool.start({ processes: 2 })
    const results = pool.imap(double, numbers(1_000_000))
    const seen = [(await results.next()).value]
    await pool.close()
    const reading = (async () => {
      for await (const x of results) seen.push(x)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
    expect(seen).toEqual(numbers(seen.length).map((x) => x * 2))
  })

  test('does not wait longer than it may', async () => {
    const pool = await Pool.start({ processes: 1 })
    const mapping = pool.map(obey, [{ do: 'hang' }]).catch((error: unknown) => error)
    await waitUntil(() => pool.debugInfo().servlet.running === 1, { what: 'it hangs' })
    await pool.close({ drainTimeoutMs: 20 })
    expect(await mapping).toMatchObject({ code: 'SERVER_CLOSED' })
  })

  test('by kill fails what is in progress', async () => {
    const pool = await Pool.start({ threads: 1 })
    const mapping = pool.map(obey, [{ do: 'hang' }]).catch((error: unknown) => error)
    await waitUntil(() => pool.debugInfo().servlet.running === 1, { what: 'it hangs' })
    await pool.kill()
    expect(await mapping).toMatchObject({ code: 'SERVER_CLOSED' })
  })
})

describe('a pool refuses', () => {
  test('to be of both processes and threads, or of neither', async () => {
    for (const options of [{}, { processes: 1, threads: 1 }, undefined]) {
      await expect(Pool.start(untyped(options))).rejects.toThrowErrorMatchingInlineSnapshot(
        `[TypeError: Pool.start takes either { processes } or { threads }, one of the two]`,
      )
    }
  })

  test('options that it does not have, or that are no sensible numbers', async () => {
    await expect(
      Pool.start(untyped({ threads: 1, cpus: 1 })),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Pool.start has no option "cpus"; it has: threads, resourceLimits, name, startTimeoutMs, env, ringBytes, blockBytes]`,
    )
    for (const count of [0, -1, 1.5, NaN]) {
      await expect(Pool.start({ processes: count })).rejects.toThrow(RangeError)
      await expect(Pool.start({ threads: count })).rejects.toThrow(RangeError)
    }
    await expect(Pool.start({ processes: [99_999] })).rejects.toThrow(RangeError)
    await using pool = await Pool.start({ threads: 1 })
    for (const chunkSize of [0, 1.5, NaN, -1]) {
      await expect(pool.map(double, [1], { chunkSize })).rejects.toThrow(RangeError)
    }
    for (const timeoutMs of [-1, NaN]) {
      await expect(pool.map(double, [1], { timeoutMs })).rejects.toThrow(RangeError)
      await expect(pool.apply(add, [1, 2], { timeoutMs })).rejects.toThrow(RangeError)
    }
    await expect(pool.map(double, [1], untyped({ chunksize: 1 }))).rejects.toThrow(TypeError)
    await expect(pool.apply(add, untyped(1))).rejects.toThrow(TypeError)
    await expect(pool.starmap(add, untyped([5]))).rejects.toThrow('lists of arguments')
  })

  test('functions that no worker can find, and says what to do', async () => {
    await using pool = await Pool.start({ threads: 1 })
    await expect(
      pool.map(
        untyped((x: number) => x),
        [1],
      ),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[NotImportableError: an anonymous function cannot be found again in another process: export it under a name and add after it: theFunction.module = import.meta.url]`,
    )
    const local = (x: number) => x
    // @ts-expect-error: there is no module property
    await expect(pool.map(local, [1])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[NotImportableError: function "local" cannot be found again in another process: it has no "module" property of its own. Export it and add after it: local.module = import.meta.url]`,
    )
    // @ts-expect-error: there is no module property
    await expect(pool.apply(local, [1])).rejects.toMatchObject({ code: 'NOT_IMPORTABLE' })
    await expect(pool.apply(shownElsewhere)).rejects.toMatchObject({
      code: 'NOT_IMPORTABLE',
      target: 'hidden',
    })
  })

  test('to start without importing its workers', async () => {
    const error: unknown = await Pool.start({
      processes: 1,
      execArgv: ['--import=data:text/javascript,process.exit(5)'],
    }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'WORKER_START', reason: 'exited', workerName: 'pool-0' })
  })
})

test('a pool passes its options on', async () => {
  await using pool = await Pool.start({
    processes: [0, null],
    name: 'crew',
    env: { SECRET: 'for processes' },
  })
  expect(pool.debugInfo().servlet).toMatchObject({
    name: 'crew',
    kind: 'process',
    workers: [{ name: 'crew-0' }, { name: 'crew-1' }],
  })
  expect(await pool.apply(whereAmI)).toMatchObject({ secret: 'for processes' })
})
