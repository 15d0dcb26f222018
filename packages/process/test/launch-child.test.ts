import {
  assertNotImporting,
  checkCpus,
  type ChildExit,
  cpuCount,
  isStartedWhileImportingError,
  launchChild,
  type LaunchOptions,
  whileImporting,
} from '@mpservice/process'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'

checkLeaksAfterEach()

const program = new URL('./fixtures/frame-program.js', import.meta.url)

/** A child whose frames are collected as text. */
function launch(name: string, options: LaunchOptions = {}, from: URL = program) {
  const frames: string[] = []
  let onFrame: (() => void) | undefined
  let onExit: ((exit: ChildExit) => void) | undefined
  const child = launchChild(name, from, options, {
    onFrames: (arrived) => {
      frames.push(...arrived.map((frame) => Buffer.from(frame).toString()))
      onFrame?.()
    },
    onExit: (exit) => onExit?.(exit),
  })
  const exited = new Promise<ChildExit>((resolve) => {
    onExit = resolve
  })
  const waitForFrames = async (count: number): Promise<string[]> => {
    while (frames.length < count) {
      await new Promise<void>((resolve) => {
        onFrame = resolve
      })
    }
    return frames
  }
  return { child, frames, exited, waitForFrames }
}

describe('a launched child', () => {
  test('exchanges frames in order, of any size', async () => {
    const { child, exited, waitForFrames } = launch('echo')
    const texts = ['', 'a', 'b'.repeat(70_000), 'c'.repeat(5_000_000), 'd']
    for (const text of texts) child.send(Buffer.from('echo '), Buffer.from(text))
    const frames = await waitForFrames(texts.length + 1)
    expect(frames[0]).toBe('ready echo')
    expect(frames.slice(1).map((frame) => frame.length)).toEqual(
      texts.map((text) => text.length + 5),
    )
    expect(frames.slice(1).every((frame, index) => frame === `echo ${texts[index]}`)).toBe(true)
    child.terminate()
    expect(await exited).toMatchObject({ signalCode: 'SIGTERM', cause: undefined })
    expect(child.isRunning).toBe(false)
    expect(child.kill()).toBe(false)
  })

  test.each(['exit', 'SIGKILL', 'SIGSEGV'])(
    'loses no frame that it sent before its end by %s',
    async (end) => {
      const { child, exited, frames } = launch('flood')
      child.send(Buffer.from(`flood ${end}`))
      await exited
      expect(frames.slice(1)).toEqual(Array.from({ length: 1_000 }, (_, index) => `frame ${index}`))
    },
  )

  test('ends by itself when it has closed its channel', async () => {
    const { child, exited } = launch('quiet')
    child.send(Buffer.from('close'))
    expect(await exited).toMatchObject({ exitCode: 0 })
  })

  test('that does not end when asked is killed', async () => {
    const { child, exited, waitForFrames } = launch('stubborn')
    await waitForFrames(1)
    child.send(Buffer.from('spin'))
    child.kill('SIGSTOP')
    child.terminate(50)
    expect(await exited).toMatchObject({ signalCode: 'SIGKILL' })
  })

  test('drops frames that are sent after its end', async () => {
    const { child, exited } = launch('gone')
    child.kill()
    await exited
    expect(() => child.send(Buffer.from('echo late'))).not.toThrow()
  })

  test('whose program cannot be imported ends with the error on its stderr', async () => {
    const { exited } = launch('lost', {}, new URL('./fixtures/missing.js', import.meta.url))
    const exit = await exited
    expect(exit.exitCode).toBe(1)
    expect(exit.stderrTail).toContain('ERR_MODULE_NOT_FOUND')
  })

  test.each([
    { name: 'its folder is missing', options: { cwd: '/does/not/exist' }, code: 'ENOENT' },
    {
      name: 'its environment is too large',
      options: { env: { LARGE: 'x'.repeat(4_000_000) } },
      code: 'E2BIG',
    },
  ])('that cannot be started because $name is reported as ended', async ({ options, code }) => {
    const { child, exited } = launch('unborn', options)
    expect(await exited).toMatchObject({ exitCode: null, signalCode: null, cause: { code } })
    expect(child.isRunning).toBe(false)
  })
})

describe('CPUs', () => {
  test('are counted, at least one', () => {
    expect(cpuCount()).toBeGreaterThanOrEqual(1)
  })

  test('that do not exist are refused', () => {
    expect(() => checkCpus([0])).not.toThrow()
    expect(() => checkCpus([-1])).toThrow(RangeError)
    expect(() => checkCpus([0.5])).toThrow(RangeError)
  })
})

test('nothing is started while a module is imported in a child', async () => {
  const url = 'file:///app/main.js'
  const refused: unknown = await whileImporting(url, async () => launch('again')).catch(
    (error: unknown) => error,
  )
  expect(isStartedWhileImportingError(refused)).toBe(true)
  expect(refused).toMatchObject({ module: url })
  expect(() => assertNotImporting()).not.toThrow()
})
