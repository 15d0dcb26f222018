import { isServerBacklogFullError, Server } from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Pause } from './fixtures/pause.js'
import { inThreads, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const capacity = 32
const taskMs = 2
const forMs = 600
/** The machine has other work: once in so many tries it must be left alone. */
const tries = 6

/** What came of calls that were made without waiting for answers. */
interface Load {
  readonly perSecond: number
  readonly rejected: number
  readonly p99Ms: number
}

const kinds = [sharing, inThreads].filter(({ isAvailable }) => isAvailable)

describe.each(kinds)('a server that is asked for more than it can do, in $name', (kind) => {
  test.each([2, 10])(
    'does as much as it can, and does not let those wait whom it takes in: %d times as much',
    async (times) => {
      await using server = await Server.start(kind.servlet(Pause, { cpus: 2 }), { capacity })
      await callFor(server, 200)
      const seen: object[] = []
      for (let round = 0; round < tries; round++) {
        const most = await callFor(server, forMs)
        const load = await offer(server, most * times)
        expect(load.rejected).toBeGreaterThan(0)
        const share = load.perSecond / most
        const waits = load.p99Ms / ((capacity / most) * 1_000)
        seen.push({ share, waits })
        if (share >= 0.9 && waits <= 1.5) return
      }
      expect.fail(`never as quick as it should be: ${JSON.stringify(seen)}`)
    },
    60_000,
  )
})

/** How many calls a second are answered when as many are in progress as may be. */
async function callFor(server: Server<unknown, unknown>, ms: number): Promise<number> {
  const end = performance.now() + ms
  let calls = 0
  const lanes = Array.from({ length: capacity }, async () => {
    while (performance.now() < end) {
      await server.call(taskMs)
      calls++
    }
  })
  await Promise.all(lanes)
  return (calls / ms) * 1_000
}

/** Makes so many calls a second, whatever comes of them. */
async function offer(server: Server<unknown, unknown>, perSecond: number): Promise<Load> {
  const latenciesMs: number[] = []
  const calls: Promise<void>[] = []
  let rejected = 0
  const call = async (): Promise<void> => {
    const calledAt = performance.now()
    try {
      await server.call(taskMs)
      latenciesMs.push(performance.now() - calledAt)
    } catch (error) {
      expect(isServerBacklogFullError(error)).toBe(true)
      rejected++
    }
  }
  const startedAt = performance.now()
  let made = 0
  for (;;) {
    const sinceMs = performance.now() - startedAt
    if (sinceMs > forMs) break
    for (; made < (sinceMs * perSecond) / 1_000; made++) calls.push(call())
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const answered = latenciesMs.length
  await Promise.all(calls)
  latenciesMs.sort((a, b) => a - b)
  const p99Ms = latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? Infinity
  return { perSecond: (answered / forMs) * 1_000, rejected, p99Ms }
}
