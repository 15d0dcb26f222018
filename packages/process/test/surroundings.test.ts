import { cpus } from 'node:os'
import { Process } from '@mpservice/process'
import { checkLeaksAfterEach, startHost } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import * as targets from './fixtures/targets.js'

checkLeaksAfterEach()

const isLinux = process.platform === 'linux'
if (!isLinux) console.warn('skipped: pinning and /proc exist on Linux only')

describe('a child', () => {
  test.runIf(isLinux)('is pinned with all of its threads', async () => {
    for (const cpu of [0, cpus().length - 1]) {
      await using child = Process.start(targets.cpusOfAllThreads, { cpus: [cpu] })
      expect(await child.result()).toEqual([String(cpu)])
    }
  })

  test('gets the environment and working directory that it is given', async () => {
    await using child = Process.start(targets.surroundings, {
      env: { GREETING: 'hello' },
      cwd: '/',
    })
    expect(await child.result()).toMatchObject({ env: { GREETING: 'hello' }, cwd: '/' })
  })

  test('gets nothing of the boot message in its arguments', async () => {
    await using child = Process.start(targets.surroundings, { name: 'secret name', execArgv: [] })
    expect(await child.result()).toMatchObject({ argv: ['child-main.js'], execArgv: [] })
  })

  test.runIf(isLinux)('is the first to go when memory runs out', async () => {
    await using child = Process.start(targets.oomScoreAdj)
    expect(await child.result()).toBe('500')
  })

  test('does not count as the main module', async () => {
    await using child = Process.start(targets.readMeta)
    expect(await child.result()).toBe(false)
  })

  test('does not wait for a debugger that its parent waits for', async () => {
    await using host = await startHost(new URL('./fixtures/prints-sum.js', import.meta.url), {
      execArgv: ['--inspect=0'],
      env: { NODE_OPTIONS: '--inspect=0' },
    })
    expect(await host.line(/sum/)).toBe('sum 3')
    expect(await host.exited).toEqual({ code: 0, signal: null })
  })
})

describe('a module that starts itself again', () => {
  test('is refused in the child, with a named error', async () => {
    await using host = await startHost(new URL('./fixtures/starts-itself.js', import.meta.url))
    expect(await host.nextLine()).toBe('StartedWhileImportingError: STARTED_WHILE_IMPORTING')
    expect(await host.exited).toEqual({ code: 0, signal: null })
  })
})

describe('a program without free descriptors', () => {
  test('is told that its child could not be started', async () => {
    await using host = await startHost(new URL('./fixtures/few-descriptors.js', import.meta.url))
    expect(await host.nextLine({ timeoutMs: 30_000 })).toMatch(/^PROCESS_EXIT EMFILE \d+ results$/)
    expect(await host.exited).toEqual({ code: 0, signal: null })
  })
})

describe('what a child prints', () => {
  test('arrives also when its last line has no end and a grandchild holds the pipe', async () => {
    await using host = await startHost(new URL('./fixtures/prints-and-dies.js', import.meta.url))
    expect(await host.nextLine()).toBe('the last words')
  })

  test('arrives whole, in order, with the last line ended', async () => {
    await using host = await startHost(new URL('./fixtures/prints-lines.js', import.meta.url))
    const lines: string[] = []
    for await (const line of host.lines) lines.push(line)
    const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index} of stdout`)
    expect(lines).toEqual([...expected, 'without an end'])
  })
})
