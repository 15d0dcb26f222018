import { ProcessServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, startHost, waitUntil } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { Double } from './fixtures/workers.js'

checkLeaksAfterEach()

test.each(['ordered', 'unordered'])(
  'a million items take no more memory than a hundred thousand: %s',
  async (order) => {
    await using host = await startHost(new URL('./fixtures/million-items.js', import.meta.url), {
      execArgv: ['--expose-gc'],
      args: [order],
    })
    const { heaps, ...report } = JSON.parse(await host.nextLine({ timeoutMs: 55_000 }))
    expect(report).toEqual({ seen: 1e6, sum: (1e6 * (1e6 - 1)) / 2, backlog: 0 })
    // The items that have passed would be over 100 bytes each, 90 MB together.
    expect(Math.max(...heaps) - heaps[0]).toBeLessThan(4e6)
    expect(await host.exited).toEqual({ code: 0, signal: null })
  },
  60_000,
)

test('streams and callers that wait for places get them in turn', async () => {
  await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }), { capacity: 64 })
  const counts = [0, 0, 0]
  let isOver = false
  function* endless() {
    for (let x = 0; ; x++) yield x
  }
  const read = async (index: number) => {
    for await (const _ of server.stream(endless())) {
      counts[index] = (counts[index] ?? 0) + 1
      if (isOver) return
    }
  }
  // As many at a time as a stream has.
  const call = async () => {
    for (;;) {
      if (isOver) return
      await server.call(1, { backpressure: false })
      counts[2] = (counts[2] ?? 0) + 1
    }
  }
  const all = [read(0), read(1), ...Array.from({ length: 64 }, call)]
  await waitUntil(() => Math.max(...counts) >= 20_000, { what: 'one has had 20 000 answers' })
  const progress = [...counts]
  isOver = true
  await Promise.all(all)
  // A third each, more or less.
  expect(Math.min(...progress)).toBeGreaterThan(20_000 / 5)
  await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
})

test('a single caller gets its turn between streams that are always full', async () => {
  await using server = await Server.start(new ProcessServlet(Double), { capacity: 16 })
  let read = 0
  function* endless() {
    for (;;) yield read++
  }
  let isOver = false
  const streams = [0, 1].map(async () => {
    for await (const _ of server.stream(endless())) if (isOver) return
  })
  await waitUntil(() => server.debugInfo().waiting > 0, { what: 'there are no free places' })
  for (let x = 0; x < 20; x++) {
    const before = read
    expect(await server.call(x, { backpressure: false })).toBe(2 * x)
    // Those that had come before, and a few that came while its answer was on its way.
    expect(read - before).toBeLessThan(16 * 50)
  }
  isOver = true
  await Promise.all(streams)
})
