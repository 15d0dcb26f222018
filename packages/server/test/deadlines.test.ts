import { setTimeout as sleep } from 'node:timers/promises'
import { AsyncServlet, makeWorker, SequentialServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, startHost, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { kinds } from './fixtures/worker-kinds.js'
import { Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

function blockFor(durationMs: number): void {
  const end = performance.now() + durationMs
  while (performance.now() < end);
}

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${name}, a time-out`, () => {
    test('is not called for an answer that arrived while the event loop was blocked', async () => {
      await using server = await Server.start(servlet(Obey, { cpus: 2 }))
      const values = [0, 'a'.repeat(1_000_000)]
      const orders = values.map((value) => ({ do: 'return', value }))
      const answers = orders.map((order) => server.call(order, { timeoutMs: 150 }))
      await sleep(1)
      blockFor(400)
      expect(await Promise.all(answers)).toEqual(values)
    })

    test('is not called for a caller that blocks its event loop right after the call', async () => {
      await using server = await Server.start(servlet(Obey, { cpus: 2 }))
      for (let round = 0; round < 3; round++) {
        const answers = [0, 1].map((value) =>
          server.call({ do: 'return', value }, { timeoutMs: 50 }),
        )
        blockFor(300)
        expect(await Promise.all(answers)).toEqual([0, 1])
      }
    })

    test('is not called for an answer that waits behind others in the channel', async () => {
      await using server = await Server.start(servlet(Obey), { capacity: 1_000 })
      const values = Array.from({ length: 1_000 }, (_, value) => value)
      const answers = values.map((value) =>
        server.call({ do: 'return', value }, { timeoutMs: 1_000 }),
      )
      await sleep(1)
      blockFor(1_500)
      // Those for whom there was no room in the channel could not be sent in time.
      const outcomes = await Promise.allSettled(answers)
      for (const [value, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') expect(outcome.value).toBe(value)
        else expect(outcome.reason).toMatchObject({ code: 'TIMEOUT' })
      }
      expect(outcomes[0]).toEqual({ status: 'fulfilled', value: 0 })
      await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
    })

    test('is called for an item that takes too long, also when the event loop was blocked', async () => {
      await using server = await Server.start(servlet(Obey, { cpus: 2 }))
      const hanging = server.call({ do: 'hang' }, { timeoutMs: 50 })
      const outcome = expect(hanging).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
      blockFor(200)
      await outcome
      // Another one in between comes in its own time.
      const later = server.call({ do: 'sleep', value: 10 }, { timeoutMs: 20_000 })
      expect(await later).toBe(10)
      await server.kill()
    })
  })
}

test('a blocked event loop makes no time-outs on the way through several stages', async () => {
  const [first, second, third] = kinds.map(({ servlet }) => servlet(Obey))
  const repeat = makeWorker((value: unknown) => ({ do: 'return', value }))
  await using server = await Server.start(
    new SequentialServlet(
      first ?? new AsyncServlet(Obey),
      new AsyncServlet(repeat),
      second ?? new AsyncServlet(Obey),
      new AsyncServlet(repeat),
      third ?? new AsyncServlet(Obey),
    ),
  )
  const answers = [0, 1].map((value) => server.call({ do: 'return', value }, { timeoutMs: 50 }))
  blockFor(300)
  expect(await Promise.all(answers)).toEqual([0, 1])
})

test('a program that cannot share memory gets its answers as well after it was blocked', async () => {
  const script = new URL('./fixtures/blocked-callers.js', import.meta.url)
  await using host = await startHost(script, { env: { MPSERVICE_NO_NATIVE: '1' } })
  for (const _ of ['processes', 'threads', 'both']) {
    expect(JSON.parse(await host.nextLine({ timeoutMs: 25_000 }))).toEqual([1, 2, 1, 2])
  }
  expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
})
