import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker as NodeWorker } from 'node:worker_threads'
import {
  checkLeaksAfterEach,
  isAlive,
  startHost,
  waitUntil,
  watchLeaks,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'

const fixtures = new URL('fixtures/', import.meta.url)
const idle = new URL('host-idle.js', fixtures)
const leavesOrphan = new URL('host-leaves-orphan.js', fixtures)

// Nothing that these tests leave behind on purpose may stay.
checkLeaksAfterEach()

describe('finds', () => {
  test('nothing when nothing was left behind', async () => {
    const leaks = watchLeaks()
    expect(leaks.differences()).toEqual([])
    await leaks.expectNone({ timeoutMs: 0 })
  })

  test('an open file', () => {
    const leaks = watchLeaks()
    const fd = openSync('/dev/null', 'r')
    expect(leaks.differences()).toEqual(['1 more open file (new: /dev/null)'])
    closeSync(fd)
    expect(leaks.differences()).toEqual([])
  })

  test('a listening socket', async () => {
    const leaks = watchLeaks()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect(leaks.differences()).toEqual([
      expect.stringMatching(/^1 more open socket \(new: socket:\[\d+\]\)$/),
      '1 more active TCPServerWrap',
    ])
    server.close()
    await leaks.expectNone()
  })

  test('a timer', () => {
    const leaks = watchLeaks()
    const timer = setTimeout(() => undefined, 60_000)
    expect(leaks.differences()).toEqual(['1 more active Timeout (60000 ms)'])
    clearTimeout(timer)
  })

  test('each kind of timer, but none that keeps nobody waiting', () => {
    const leaks = watchLeaks()
    const interval = setInterval(() => undefined, 50_000)
    const unref = setTimeout(() => undefined, 60_000).unref()
    const controller = new AbortController()
    const slept = sleep(70_000, undefined, { signal: controller.signal }).catch(() => undefined)
    expect(leaks.differences()).toEqual([
      '1 more active Timeout (50000 ms)',
      '1 more active Timeout (70000 ms)',
    ])
    clearInterval(interval)
    clearTimeout(unref)
    controller.abort()
    expect(leaks.differences()).toEqual([])
    return slept
  })

  test('the last of many timers', () => {
    const leaks = watchLeaks()
    for (let i = 0; i < 5000; i++) clearTimeout(setTimeout(() => undefined, 10_000))
    const timer = setTimeout(() => undefined, 60_000)
    expect(leaks.differences()).toEqual(['1 more active Timeout (60000 ms)'])
    clearTimeout(timer)
  })

  test('a listener of process', () => {
    const leaks = watchLeaks()
    process.on('exit', ignore)
    process.on('exit', ignore)
    expect(leaks.differences()).toEqual(['2 more listener of process for exit'])
    process.removeListener('exit', ignore)
    process.removeListener('exit', ignore)
  })

  test('a thread, even one that keeps nobody waiting', async () => {
    const leaks = watchLeaks()
    const thread = new NodeWorker('setInterval(() => {}, 60_000)', { eval: true })
    await once(thread, 'online')
    thread.unref()
    await expect(leaks.expectNone({ timeoutMs: 50 })).rejects.toThrow(/more open eventpoll/)
    await thread.terminate()
    await leaks.expectNone()
  })

  test('a child process', async () => {
    const leaks = watchLeaks()
    await using host = await startHost(idle)
    expect(leaks.differences()).toContainEqual(
      expect.stringMatching(
        new RegExp(`^process ${host.pid} of parent ${process.pid}: .*node.* .*host-idle\\.js$`),
      ),
    )
  })

  test('a zombie', async () => {
    const leaks = watchLeaks()
    await using host = await startHost(new URL('host-family.js', fixtures), { args: ['1'] })
    const [, child = 0] = (await host.nextLine()).split(' ').map(Number)
    host.kill('SIGSTOP')
    process.kill(child, 'SIGKILL')
    await waitUntil(() => !isAlive(child), { what: 'the child is dead' })
    expect(leaks.differences()).toContainEqual(
      expect.stringContaining(`zombie process ${child} of parent ${host.pid}: `),
    )
  })
})

describe('expectNone', () => {
  test('waits for what goes away', async () => {
    const leaks = watchLeaks()
    setTimeout(() => undefined, 50)
    expect(leaks.differences()).toEqual(['1 more active Timeout (50 ms)'])
    await leaks.expectNone()
  })

  test('does not ask about what was there before', async () => {
    const timer = setTimeout(() => undefined, 60_000)
    const fd = openSync('/dev/null', 'r')
    const leaks = watchLeaks()
    clearTimeout(timer)
    closeSync(fd)
    expect(leaks.differences()).toEqual([])
  })

  test('lists each difference', async () => {
    const leaks = watchLeaks()
    const fd = openSync('/dev/null', 'r')
    const timer = setTimeout(() => undefined, 60_000)
    await expect(leaks.expectNone({ timeoutMs: 20 })).rejects.toThrow(
      new Error(
        'left behind after 20 ms:\n- 1 more open file (new: /dev/null)\n- 1 more active Timeout (60000 ms)',
      ),
    )
    closeSync(fd)
    clearTimeout(timer)
  })
})

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('finds an orphan, and ends it when it has complained', async () => {
    const leaks = watchLeaks()
    const orphan = await leaveOrphan('marked')
    expect(isAlive(orphan)).toBe(true)
    await expect(leaks.expectNone({ timeoutMs: 50 })).rejects.toThrow(
      new RegExp(
        `^left behind after 50 ms:\n- process ${orphan} of parent \\d+: .*host-idle\\.js$`,
      ),
    )
    await waitUntil(() => !isAlive(orphan), { what: 'the orphan is dead' })
  })

  test('finds a block of shared memory', async () => {
    const leaks = watchLeaks()
    const block = `mpservice-test-${process.pid}`
    await writeFile(`/dev/shm/${block}`, 'data')
    expect(leaks.differences()).toContain(`shared memory block ${block}`)
    await rm(`/dev/shm/${block}`)
    await leaks.expectNone()
  })

  test('lets a block be that a process of somebody else has open', async () => {
    const leaks = watchLeaks()
    const block = `mpservice-test-${process.pid}`
    await writeFile(`/dev/shm/${block}`, 'data')
    const open = `import { openSync } from 'node:fs'; openSync('/dev/shm/${block}')`
    const stranger = await leaveOrphan(
      'unmarked',
      `data:text/javascript,${encodeURIComponent(open)}`,
    )
    try {
      await waitUntil(() => leaks.differences().length === 0, { what: 'it is foreign' })
    } finally {
      process.kill(stranger, 'SIGKILL')
    }
    await waitUntil(() => !isAlive(stranger), { what: 'nobody has it open' })
    expect(leaks.differences()).toContain(`shared memory block ${block}`)
    await rm(`/dev/shm/${block}`)
  })
})

function ignore(): void {}

async function leaveOrphan(...args: string[]): Promise<number> {
  await using host = await startHost(leavesOrphan, { args })
  const pid = Number(await host.nextLine())
  await host.waitForExit()
  return pid
}
