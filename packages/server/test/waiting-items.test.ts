import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Server } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Act, ActAndCleanUp } from './fixtures/channel-workers.js'
import { inThreads, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

/** What has left while it waited in a worker has left. */
const gone = 'the caller has left'

for (const { name: kind, isAvailable, servlet } of [sharing, inThreads]) {
  describe.skipIf(!isAvailable)(`with ${kind}, an item`, () => {
    test('that turns out slow does not keep what waits behind it from idle workers', async () => {
      await using folder = await temporaryDirectory()
      await using server = await Server.start(servlet(Act, { cpus: 2 }))
      await learnThatItemsAreQuick(server, 3_000)
      const file = join(folder.path, 'go on')
      let isSlowDone = false
      const slow = server.call({ do: 'spin-until', value: file }).then(() => (isSlowDone = true))
      const values = Array.from({ length: 10 }, (_, value) => value)
      const quick = values.map((value) =>
        server.call({ do: 'return', value }, { timeoutMs: 10_000 }),
      )
      expect(await Promise.all(quick)).toEqual(values)
      expect(isSlowDone).toBe(false)
      appendFileSync(file, '')
      expect(await slow).toBe(true)
    })

    test.each([
      { how: 'by its signal', bytes: 100 },
      { how: 'by its signal', bytes: 1_000_000 },
      { how: 'by its time-out', bytes: 100 },
    ])(
      'of $bytes bytes whose caller leaves $how frees its place at once and is never begun',
      async ({ how, bytes }) => {
        await using folder = await temporaryDirectory()
        const log = join(folder.path, 'log')
        const file = join(folder.path, 'go on')
        await using server = await Server.start(servlet(Act), { capacity: 5 })
        await learnThatItemsAreQuick(server, 200)
        let isBusy = true
        const busy = server
          .call({ do: 'spin-until', value: file, name: 'busy', file: log })
          .then(() => (isBusy = false))
        await waitUntil(async () => (await begun(log)).length === 1, { what: 'it is busy' })
        const controller = new AbortController()
        const options = how === 'by its signal' ? { signal: controller.signal } : { timeoutMs: 20 }
        const order = { do: 'digest', value: Buffer.alloc(bytes), file: log }
        const left = Promise.allSettled(
          [1, 2, 3].map((name) => server.call({ ...order, name }, options)),
        )
        expect(server.debugInfo().servlet).toMatchObject({ queued: 0, running: 4 })
        if (how === 'by its signal') controller.abort(gone)
        const reasons = rejected(await left).map(({ reason }) => reason)
        const timeOut = expect.objectContaining({ code: 'TIMEOUT', phase: 'total' })
        expect(reasons).toEqual(Array(3).fill(how === 'by its signal' ? gone : timeOut))
        await waitUntil(() => server.backlog === 1, { what: 'the places are free' })
        const others = [4, 5, 6, 7].map((name) =>
          server.call({ do: 'return', value: name, name, file: log }),
        )
        expect(isBusy).toBe(true)
        appendFileSync(file, '')
        expect(await Promise.all(others)).toEqual([4, 5, 6, 7])
        expect(await begun(log)).toEqual(['busy', '4', '5', '6', '7'])
        await busy
      },
    )

    test('that has left, with others that fill the ring, does not keep its worker from cleaning up', async () => {
      await using folder = await temporaryDirectory()
      const [file, go] = [join(folder.path, 'log'), join(folder.path, 'go on')]
      const server = await Server.start(servlet(ActAndCleanUp, { ringBytes: 4096, args: { file } }))
      await learnThatItemsAreQuick(server, 200)
      const busy = server.call({ do: 'spin-until', value: go })
      await waitUntil(() => server.debugInfo().servlet.running === 1, { what: 'it is busy' })
      const controller = new AbortController()
      const { signal } = controller
      const order = { do: 'return', value: 'x'.repeat(400) }
      const left = Promise.allSettled(
        Array.from({ length: 20 }, () => server.call(order, { signal })),
      )
      expect(server.debugInfo().servlet.queued).toBeGreaterThan(0)
      controller.abort(gone)
      expect(rejected(await left)).toHaveLength(20)
      appendFileSync(go, '')
      const closing = server.close()
      await busy
      await closing
      expect(await readFile(file, 'utf8')).toBe('cleaned up\n')
    })

    test('finds room where all before it have left, however full the ring is', async () => {
      await using server = await Server.start(servlet(Act, { ringBytes: 4096 }))
      for (let count = 1; count <= 12; count++) {
        await learnThatItemsAreQuick(server, 200)
        const controllers = Array.from({ length: count }, () => new AbortController())
        const text = 'x'.repeat(500)
        const left = Promise.allSettled(
          controllers.map(({ signal }) => server.call({ do: 'return', value: text }, { signal })),
        )
        for (const controller of controllers) controller.abort(gone)
        // Not yet flushed, but withdrawn: the worker has never seen them.
        await Promise.resolve()
        await Promise.resolve()
        const order = { do: 'return', value: `${count}${text}${text}` }
        expect(await server.call(order, { timeoutMs: 5_000 })).toBe(order.value)
        expect(rejected(await left)).toHaveLength(count)
      }
    })

    test('that leaves in a block does not end the worker that would have read it', async () => {
      await using folder = await temporaryDirectory()
      await using server = await Server.start(servlet(Act, { blockBytes: 2 ** 20 }))
      await learnThatItemsAreQuick(server, 200)
      const file = join(folder.path, 'go on')
      const busy = server.call({ do: 'spin-until', value: file })
      const controller = new AbortController()
      const { signal } = controller
      const left = server.call({ do: 'digest', value: Buffer.alloc(600_000) }, { signal })
      const leaving = expect(left).rejects.toBe(gone)
      controller.abort(gone)
      await leaving
      await waitUntil(() => server.backlog === 1, { what: 'its place is free' })
      // There is memory for this one only without the block of the other.
      const larger = server.call({ do: 'return', value: Buffer.alloc(1_500_000, 7) })
      appendFileSync(file, '')
      expect(await busy).toBe(file)
      expect(Buffer.alloc(1_500_000, 7).equals(Object(await larger))).toBe(true)
      expect(server.debugInfo().servlet.workers).toMatchObject([{ restarts: 0 }])
    })
  })
}

/** Then a worker is given several at once. */
async function learnThatItemsAreQuick(
  server: Server<unknown, unknown>,
  count: number,
): Promise<void> {
  for (let item = 0; item < count; item++) await server.call({ do: 'return', value: item })
}

async function begun(log: string): Promise<string[]> {
  return (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(0, -1)
}

function rejected(outcomes: readonly PromiseSettledResult<unknown>[]): PromiseRejectedResult[] {
  return outcomes.filter((outcome) => outcome.status === 'rejected')
}
