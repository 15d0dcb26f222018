import { setTimeout as sleep } from 'node:timers/promises'
import { checkLeaksAfterEach, type Host } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { maxLives } from './fixtures/ring-notes.js'
import { newSeed, openRingPair, soakMs } from './ring-pair.ts'

checkLeaksAfterEach()

const minKills = 6

test.each([64, 4_096, 65_536])(
  'a side that is killed at any moment leaves whole records, and the other one goes on with the next, in rings of %d bytes',
  async (capacityBytes) => {
    await using pair = await openRingPair({ capacityBytes })
    const seed = newSeed()
    const lives = [0, 0]
    const start = (side: number): Promise<Host> => {
      const life = lives[side] ?? 0
      lives[side] = life + 1
      return pair.start('ring-mortal.js', { side, life, seed })
    }
    const hosts: [Host, Host] = [await start(0), await start(1)]
    try {
      const deadline = performance.now() + soakMs / 8
      for (let kills = 0; kills < minKills || performance.now() < deadline; kills++) {
        if (kills === maxLives) break
        await pair.waitForProgress(hosts)
        const side = kills % 2 === 0 ? 0 : 1
        await kill(hosts[side], side, Math.floor(kills / 2) % 3)
        pair.notes.setFatalBell(0)
        hosts[side] = await start(side)
      }
      await pair.waitForProgress(hosts)
      pair.notes.end()
      for (const host of hosts) {
        expect({
          line: await host.nextLine(),
          exit: await host.exited,
          stderr: host.stderr(),
        }).toEqual({
          line: 'over',
          exit: { code: 0, signal: null },
          stderr: '',
        })
      }
    } catch (error) {
      throw new Error(`after ${lives.join(' and ')} lives, with seed ${seed}`, { cause: error })
    } finally {
      for (const host of hosts) await host[Symbol.asyncDispose]()
    }

    async function kill(victim: Host, side: number, moment: number): Promise<void> {
      // By itself, just before or after it has rung the bell of the other side; or at any moment.
      if (moment > 0) pair.notes.setFatalBell(moment === 1 ? 1 + side : 3 + side)
      else {
        await sleep(Math.random() * 30)
        victim.kill('SIGKILL')
      }
      expect(await victim.waitForExit()).toEqual({ code: null, signal: 'SIGKILL' })
      await victim[Symbol.asyncDispose]()
    }
  },
  soakMs + 60_000,
)
