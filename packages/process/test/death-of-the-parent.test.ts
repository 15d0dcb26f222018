import { isAlive, startHost, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'

const program = new URL('./fixtures/host-with-children.js', import.meta.url)

describe.each([
  { guard: 'the kernel’s death signal', env: {} },
  { guard: 'a watching thread', env: { MPSERVICE_ORPHAN_GUARD: 'thread' } },
])('with $guard', ({ env }) => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'busy and idle children are gone within a second of %s to their parent',
    async (signal) => {
      await using host = await startHost(program, { args: ['spin,idle,spin'], env })
      const pids: number[] = JSON.parse(await host.nextLine())
      await waitUntil(() => pids.every(isAlive), { what: 'the children run' })
      host.kill(signal)
      await host.exited
      await waitUntil(() => !pids.some(isAlive), {
        what: 'the children are gone',
        timeoutMs: 1_000,
      })
      expect(pids).toHaveLength(3)
    },
  )

  test('children are gone when their parent dies while they start', async () => {
    for (let delayMs = 0; delayMs <= 120; delayMs += 15) {
      await using host = await startHost(program, { args: ['spin,idle'], env })
      const pids: number[] = JSON.parse(await host.nextLine())
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      host.kill('SIGKILL')
      await host.exited
      await waitUntil(() => !pids.some(isAlive), {
        what: `children are gone, killed ${delayMs} ms after their start`,
        timeoutMs: 2_000,
      })
      expect(pids.filter(isAlive)).toEqual([])
    }
  }, 60_000)
})

test('Ctrl-C reaches the main process only', async () => {
  await using host = await startHost(new URL('./fixtures/survives-interrupt.js', import.meta.url), {
    detached: true,
  })
  await host.line('started')
  host.signalGroup('SIGINT')
  expect(await host.nextLine()).toBe('interrupted')
  expect(await host.nextLine()).toBe('result 3')
  expect(await host.exited).toEqual({ code: 0, signal: null })
})
