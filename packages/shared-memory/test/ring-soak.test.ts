import { checkLeaksAfterEach } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { newSeed, openRingPair, soakMs } from './ring-pair.ts'

checkLeaksAfterEach()

const ended = { code: 0, signal: null }

test.each([64, 256, 4_096, 65_536])(
  'messages of any size cross whole and in order in both directions at once, in rings of %d bytes',
  async (capacityBytes) => {
    await using pair = await openRingPair({ capacityBytes })
    const seed = newSeed()
    await using first = await pair.start('ring-talker.js', { side: 0, seed })
    await using second = await pair.start('ring-talker.js', { side: 1, seed })
    await pair.goOn([first, second], soakMs / 8)
    pair.notes.end()
    const hosts = [first, second]
    const [one, other] = await Promise.all(
      hosts.map(async (host) => JSON.parse(await host.nextLine())),
    )
    for (const host of hosts) {
      expect({ exit: await host.exited, stderr: host.stderr() }).toEqual({
        exit: ended,
        stderr: '',
      })
    }
    expect({ first: one.received, second: other.received }, `seed ${seed}`).toEqual({
      first: other.sent,
      second: one.sent,
    })
    for (const { sleeps, refusals, tooLarge } of [one, other]) {
      expect({ sleeps, refusals, tooLarge }, `seed ${seed}`).toEqual({
        sleeps: expect.toSatisfy(isPositive),
        refusals: expect.toSatisfy(isPositive),
        tooLarge: expect.toSatisfy(isPositive),
      })
    }
  },
  soakMs + 60_000,
)

test(
  'no wake-up is lost when both sides sleep after every record',
  async () => {
    await using pair = await openRingPair({ capacityBytes: 1_024 })
    await using second = await pair.start('ring-player.js', { side: 1, seed: 0 })
    await using first = await pair.start('ring-player.js', { side: 0, seed: 0 })
    await pair.goOn([first, second], soakMs / 8)
    pair.notes.end()
    const [one, other] = [JSON.parse(await first.nextLine()), JSON.parse(await second.nextLine())]
    expect(other.rounds).toBe(one.rounds + 1)
    expect(one.rounds).toBeGreaterThan(100)
    expect(one.sleeps + other.sleeps).toBeGreaterThan(100)
  },
  soakMs + 60_000,
)

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
