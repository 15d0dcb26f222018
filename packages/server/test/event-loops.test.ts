import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Ticks } from './fixtures/timers.js'
import { kinds } from './fixtures/worker-kinds.js'
import { Echo } from './fixtures/workers.js'

checkLeaksAfterEach()

const deadlineMs = 5_000

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${name}`, () => {
    test('one call after the other leaves its turns to the event loop of the main program', async () => {
      await using server = await Server.start(servlet(Echo))
      const seen = { ticks: 0, calls: 0 }
      const interval = setInterval(() => seen.ticks++, 1)
      const end = performance.now() + deadlineMs
      while (seen.ticks < 100 && performance.now() < end) await server.call(seen.calls++)
      clearInterval(interval)
      expect(seen.ticks, `in ${seen.calls} calls`).toBeGreaterThanOrEqual(100)
    })

    const cases = [true, false].flatMap((isAsync) =>
      ['a timer', 'a timer without a reference', 'a promise'].map((what) => ({ isAsync, what })),
    )
    test.each(cases)(
      '$what in a worker goes on, whatever its items do (asynchronous: $isAsync)',
      async ({ isAsync, what }) => {
        await using folder = await temporaryDirectory()
        await using server = await Server.start(servlet(Ticks, { args: { what, isAsync } }))

        const withoutPause = await countTicks(server, 50, () => undefined)
        expect(withoutPause).toBeGreaterThanOrEqual(30)
        const withPauses = await countTicks(server, 5, () => sleep(2))
        expect(withPauses).toBeGreaterThanOrEqual(30)

        const file = join(folder.path, 'the time has come')
        await server.call({ file })
        await waitUntil(() => existsSync(file), { what: 'a timer in an idle worker' })
      },
    )
  })
}

test.skipIf(process.platform !== 'linux')('an idle server uses next to no CPU', async () => {
  await using host = await startHost(new URL('./fixtures/idle-host.js', import.meta.url))
  const { idleMs, mainMs, workersMs } = JSON.parse(await host.nextLine({ timeoutMs: 25_000 }))
  expect(workersMs).toHaveLength(2)
  for (const usedMs of [mainMs, ...workersMs]) expect(usedMs).toBeLessThan(0.02 * idleMs)
  expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
})

/** How many ticks a worker counts while it is called again and again; enough are 30. */
async function countTicks(
  server: Server<unknown, unknown>,
  atATime: number,
  pause: () => Promise<void> | undefined,
): Promise<number> {
  const first = Number(await server.call(undefined))
  const end = performance.now() + deadlineMs
  const counts = await Promise.all(
    Array.from({ length: atATime }, async () => {
      let last = first
      while (last < first + 30 && performance.now() < end) {
        last = Number(await server.call(undefined))
        await pause()
      }
      return last
    }),
  )
  return Math.max(...counts) - first
}
