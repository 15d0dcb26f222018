import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  checkLeaksAfterEach,
  descendants,
  isAlive,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'

const fixtures = new URL('fixtures/', import.meta.url)
const idle = new URL('host-idle.js', fixtures)
const lines = new URL('host-lines.js', fixtures)
const family = new URL('host-family.js', fixtures)

checkLeaksAfterEach()

describe('startHost', () => {
  test('passes arguments, options of Node, environment and directory', async () => {
    await using directory = await temporaryDirectory()
    process.env['TO_REMOVE'] = 'x'
    await using host = await startHost(new URL('host-echo.js', fixtures), {
      args: ['a', 'b c'],
      execArgv: ['--no-warnings'],
      env: { FROM_TEST: 'yes', TO_REMOVE: undefined },
      cwd: directory.path,
    })
    delete process.env['TO_REMOVE']
    expect(JSON.parse(await host.nextLine())).toEqual({
      args: ['a', 'b c'],
      execArgv: ['--no-warnings'],
      FROM_TEST: 'yes',
      cwd: directory.path,
    })
    expect(await host.exited).toEqual({ code: 0, signal: null })
  })

  test('takes a path', async () => {
    await using host = await startHost(fileURLToPath(lines))
    expect(await host.nextLine()).toBe('one')
  })

  test('rejects when the system cannot start it', async () => {
    const start = startHost(idle, { cwd: `${realpathSync(tmpdir())}/no such directory` })
    await expect(start).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('lets it tell by its exit that the script is missing', async () => {
    await using host = await startHost(new URL('no-such-host.js', fixtures))
    expect(await host.waitForExit()).toEqual({ code: 1, signal: null })
    await waitUntil(() => host.stderr().includes('no-such-host.js'), { what: 'stderr says so' })
  })
})

describe('its lines', () => {
  test('are whole, however they were written, and end with its output', async () => {
    await using host = await startHost(lines)
    const seen = []
    for await (const line of host.lines) seen.push(line)
    expect(seen).toEqual(['one', 'two', '', 'ü'])
  })

  test('go to one reader only', async () => {
    await using host = await startHost(lines)
    const first = host.nextLine()
    const second = host.nextLine()
    expect([await second, await first]).toEqual(['two', 'one'])
    expect(await host.line(/./)).toBe('ü')
  })

  test('can be left and taken up again', async () => {
    await using host = await startHost(lines)
    for await (const line of host.lines) {
      expect(line).toBe('one')
      break
    }
    expect(await host.nextLine()).toBe('two')
  })

  test('are skipped until one is the text that was asked for', async () => {
    await using host = await startHost(lines)
    expect(await host.line('two')).toBe('two')
    expect(await host.nextLine()).toBe('')
  })
})

describe('a wait for a line', () => {
  test('fails at the end of the output, with exit code, stderr and the lines it skipped', async () => {
    await using host = await startHost(lines)
    await expect(host.line('ready')).rejects.toThrow(
      `${fileURLToPath(lines)} (pid ${host.pid}): its output ended before the line "ready" came (other lines: ["one","two","","ü"]); it ended with code 3; its stderr:\nthe disk is full`,
    )
    await expect(host.nextLine()).rejects.toThrow('its output ended before a line came; ')
  })

  test('fails when time is up, with stderr', async () => {
    await using host = await startHost(idle)
    await host.line('idle')
    await waitUntil(() => host.stderr() !== '', { what: 'it has complained' })
    await expect(host.line(/^rea/, { timeoutMs: 20 })).rejects.toThrow(
      `${fileURLToPath(idle)} (pid ${host.pid}): 20 ms passed before the line /^rea/ came; it is running; its stderr:\nnothing to do`,
    )
  })

  test('that fails takes no line from the next wait', async () => {
    await using host = await startHost(lines)
    await host.nextLine()
    await expect(host.nextLine({ timeoutMs: 0 })).rejects.toThrow('0 ms passed before a line came')
    expect(await host.nextLine()).toBe('two')
  })
})

describe('its end', () => {
  test('is known with its code', async () => {
    await using host = await startHost(lines)
    expect(await host.exited).toEqual({ code: 3, signal: null })
    expect(await host.waitForExit()).toEqual({ code: 3, signal: null })
  })

  test('is known with the signal that killed it', async () => {
    await using host = await startHost(idle)
    expect(host.kill('SIGTERM')).toBe(true)
    expect(await host.exited).toEqual({ code: null, signal: 'SIGTERM' })
    expect(host.kill('SIGTERM')).toBe(false)
  })

  test('is waited for no longer than allowed', async () => {
    await using host = await startHost(idle)
    await host.line('idle')
    await expect(host.waitForExit({ timeoutMs: 20 })).rejects.toThrow(
      'it has not ended after 20 ms; it is running; its stderr:\n',
    )
  })

  test('comes when its lifetime is over', async () => {
    await using host = await startHost(idle, { lifetimeMs: 300 })
    await expect(host.exited).rejects.toThrow(
      'it was killed since its lifetime of 300 ms was over; it ended with signal SIGKILL; its stderr:\n',
    )
  })

  test('is known though a grandchild holds its output open', async () => {
    await using host = await startHost(family, { args: ['1'], detached: true })
    const [, grandchild = 0] = (await host.nextLine()).split(' ').map(Number)
    host.kill('SIGKILL')
    expect(await host.waitForExit()).toEqual({ code: null, signal: 'SIGKILL' })
    expect(isAlive(grandchild)).toBe(true)
    expect(host.signalGroup('SIGKILL')).toBe(true)
    await waitUntil(() => !isAlive(grandchild), { what: 'the grandchild is gone' })
  })
})

describe('signalGroup', () => {
  test('reaches all processes of the group', async () => {
    await using host = await startHost(family, { args: ['1'], detached: true })
    await host.nextLine()
    const processes = descendants()
    expect(processes.length).toBe(2)
    expect(host.signalGroup('SIGINT')).toBe(true)
    expect(await host.exited).toEqual({ code: null, signal: 'SIGINT' })
    await waitUntil(() => !processes.some(isAlive), { what: 'all are gone' })
  })

  test('says so when nobody is left', async () => {
    await using host = await startHost(lines, { detached: true })
    await host.exited
    expect(host.signalGroup('SIGINT')).toBe(false)
  })

  test('refuses when the group is that of the tests', async () => {
    await using host = await startHost(idle)
    expect(() => host.signalGroup('SIGTERM')).toThrow(
      `${fileURLToPath(idle)} has no group of its own: start it with detached: true`,
    )
  })
})

describe('disposal', () => {
  test.each([false, true])('ends it and its descendants, detached: %s', async (detached) => {
    const host = await startHost(family, { args: ['2'], detached })
    await host.nextLine()
    const processes = descendants()
    expect(processes.length).toBe(3)
    await host[Symbol.asyncDispose]()
    expect(processes.filter(isAlive)).toEqual([])
    expect(await host.exited).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('ends one that is stopped', async () => {
    const host = await startHost(idle)
    host.kill('SIGSTOP')
    await host[Symbol.asyncDispose]()
    expect(isAlive(host.pid)).toBe(false)
  })

  test('ends the orphans in the group of one that has died', async () => {
    const host = await startHost(family, { args: ['1'], detached: true })
    const [, grandchild = 0] = (await host.nextLine()).split(' ').map(Number)
    host.kill('SIGKILL')
    await host.exited
    expect(isAlive(grandchild)).toBe(true)
    await host[Symbol.asyncDispose]()
    await waitUntil(() => !isAlive(grandchild), { what: 'the grandchild is gone' })
  })

  test('settles waits for lines, and may be done twice', async () => {
    const host = await startHost(idle)
    await host.line('idle')
    const outcome = host.nextLine().catch((error: unknown) => error)
    await host[Symbol.asyncDispose]()
    expect(String(await outcome)).toContain('its output ended before a line came; ')
    await host[Symbol.asyncDispose]()
  })
})
