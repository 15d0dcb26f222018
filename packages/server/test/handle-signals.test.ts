import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { handleSignals } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  type Host,
  isAlive,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'

checkLeaksAfterEach()

const script = new URL('./fixtures/signalled-host.js', import.meta.url)

describe('a program that handles signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'answers with %s all calls in progress, and ends with code 0',
    async (signal) => {
      await using folder = await temporaryDirectory()
      const file = join(folder.path, 'go on')
      await using host = await startHost(script, { args: ['wait-for-file', file] })
      const pids = await readPids(host)
      host.kill(signal)
      await refusesCalls(host)
      writeFileSync(file, '')
      expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
      expect(await rest(host)).toEqual([...Array(20).fill('answered'), 'done'])
      await expectGone(pids)
    },
  )

  test('ends with code 1 when not everything has finished in time', async () => {
    await using host = await startHost(script, { args: ['hang'] })
    const pids = await readPids(host)
    host.kill('SIGTERM')
    expect(await host.waitForExit()).toEqual({ code: 1, signal: null })
    expect(await rest(host)).toEqual([...Array(20).fill('cut short'), 'done'])
    await expectGone(pids)
  })

  test.each([
    { first: 'SIGTERM', second: 'SIGINT', afterMs: 0 },
    { first: 'SIGINT', second: 'SIGTERM', afterMs: 0 },
    { first: 'SIGINT', second: 'SIGINT', afterMs: 250 },
  ] as const)(
    'ends at once with $second $afterMs ms after $first, and code 128 and its number',
    async ({ first, second, afterMs }) => {
      await using folder = await temporaryDirectory()
      const args = ['wait-for-file', join(folder.path, 'never')]
      await using host = await startHost(script, { args })
      const pids = await readPids(host)
      host.kill(first)
      await refusesCalls(host)
      // The first one has been handled: the second comes no sooner than that, as seen from there.
      await sleep(afterMs)
      host.kill(second)
      const code = 128 + constants.signals[second]
      expect(await host.waitForExit()).toEqual({ code, signal: null })
      await expectGone(pids)
    },
  )

  test('ends cleanly when Ctrl-C reaches all of its group during a stream', async () => {
    await using host = await startHost(script, { args: ['stream'], detached: true })
    const pids = await readPids(host)
    await host.line('streaming')
    host.signalGroup('SIGINT')
    expect(await host.waitForExit()).toEqual({ code: 0, signal: null })
    expect(await rest(host)).toEqual(['the stream has ended', 'done'])
    expect(host.stderr()).toBe('')
    await expectGone(pids)
  })
})

describe('handling signals', () => {
  test('closes everything at the same time, and leaves the end to the program if asked', async () => {
    const done: string[] = []
    const closables = ['a', 'b'].map((name) => ({
      close: ({ drainTimeoutMs }: { drainTimeoutMs: number }) => {
        done.push(`close ${name} within ${drainTimeoutMs} ms`)
        if (name === 'a') throw new Error('this one cannot')
        return new Promise(() => undefined)
      },
      kill: () => done.push(`kill ${name}`),
    }))
    const signals = ['SIGUSR2', 'SIGHUP'] as const
    using handling = handleSignals(closables, { signals, drainTimeoutMs: 5, exit: false })
    expect(process.listenerCount('SIGUSR2')).toBe(1)
    let told = 0
    // At once again, as when npm passes on what the terminal has told already.
    const tellAgain = (): void => {
      if (++told === 1) process.kill(process.pid, 'SIGUSR2')
    }
    process.on('SIGUSR2', tellAgain)
    process.kill(process.pid, 'SIGUSR2')
    await waitUntil(() => told === 2, { what: 'the signal has come twice' })
    process.off('SIGUSR2', tellAgain)
    expect(done).toHaveLength(2)
    process.kill(process.pid, 'SIGHUP')
    await waitUntil(() => done.length === 4, { what: 'both are killed' })
    expect(done).toEqual(['close a within 5 ms', 'close b within 5 ms', 'kill a', 'kill b'])
    // From now on the signal would end this program.
    expect(process.listenerCount('SIGUSR2')).toBe(0)
    handling[Symbol.dispose]()
  })

  test('stops when it is disposed of', () => {
    const before = process.listenerCount('SIGTERM')
    {
      using _ = handleSignals([])
      expect(process.listenerCount('SIGTERM')).toBe(before + 1)
    }
    expect(process.listenerCount('SIGTERM')).toBe(before)
  })

  test('refuses what cannot be handled, and listens to nothing then', () => {
    const before = process.listenerCount('SIGTERM')
    for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGNOTHING']) {
      const signals: NodeJS.Signals[] = ['SIGTERM']
      Reflect.apply(Array.prototype.push, signals, [signal])
      expect(() => handleSignals([], { signals })).toThrow(RangeError)
    }
    expect(() => handleSignals([], { drainTimeoutMs: -1 })).toThrow(RangeError)
    expect(process.listenerCount('SIGTERM')).toBe(before)
  })
})

async function readPids(host: Host): Promise<number[]> {
  const pids: number[] = JSON.parse(await host.nextLine())
  expect(pids).toHaveLength(2)
  expect(pids.every(isAlive)).toBe(true)
  return pids
}

/** The signal has arrived when the program says that it takes no more calls. */
async function refusesCalls(host: Host): Promise<void> {
  await host.line('closing')
}

async function rest(host: Host): Promise<string[]> {
  const lines: string[] = []
  for await (const line of host.lines) lines.push(line)
  return lines
}

async function expectGone(pids: readonly number[]): Promise<void> {
  await waitUntil(() => !pids.some(isAlive), { what: 'the workers are gone', timeoutMs: 1_000 })
}
