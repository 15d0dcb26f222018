import {
  isProcessExitError,
  isTimeoutError,
  moduleRef,
  Process,
  ProcessExitError,
  TimeoutError,
} from '@mpservice/process'
import { registerException } from '@mpservice/remote-exception'
import { checkLeaksAfterEach, isAlive } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import * as targets from './fixtures/targets.js'
import { work as brokenWork } from './fixtures/throws-at-import.js'

checkLeaksAfterEach()

describe('the result', () => {
  test('is what the function returned', async () => {
    await using child = Process.start(targets.add, { args: [1, 2], name: 'adder' })
    expect(await child.result()).toBe(3)
    expect(child.name).toBe('adder')
    expect(child.done()).toBe(true)
  })

  test('is awaited', async () => {
    await using child = Process.start(targets.addLater, { args: [1, 2] })
    expect(await child.result()).toBe(3)
  })

  test('can be asked for many times, before and after the end', async () => {
    await using child = Process.start(targets.add, { args: [1, 2] })
    expect(await Promise.all([child.result(), child.result()])).toEqual([3, 3])
    await child.join()
    expect(await child.result()).toBe(3)
  })

  test('carries what structured clone carries, both ways', async () => {
    const shared = { deep: new Map([[{ a: 1 }, new Set([1n, -0, NaN])]]) }
    const value = { shared, again: shared, when: new Date(0), bytes: Uint8Array.of(1, 2, 3) }
    await using child = Process.start(targets.echo, { args: [value] })
    const result: unknown = await child.result()
    expect(result).toEqual(value)
    const { again, shared: first } = Object(result)
    expect(again).toBe(first)
  })

  test('crosses large values', async () => {
    const bytes = new Uint8Array(20_000_000).fill(7)
    await using child = Process.start(targets.echo, { args: [bytes] })
    expect(Buffer.from(Object(await child.result())).equals(bytes)).toBe(true)
  })

  test('comes from a module that is not imported here', async () => {
    const module = moduleRef<typeof targets>(new URL('./fixtures/targets.js', import.meta.url))
    await using child = Process.start(module.export('add'), { args: [2, 3] })
    expect(await child.result()).toBe(5)
  })
})

describe('an exception', () => {
  test('has its class, fields, cause and remote stack', async () => {
    registerException(targets.ModelError)
    await using child = Process.start(targets.fail, { args: ['no model'], name: 'modeller' })
    const error = await child.exception()
    expect(error).toBeInstanceOf(targets.ModelError)
    expect(error).toMatchObject({ name: 'ModelError', message: 'no model', layer: 3 })
    expect(Object(error).cause).toBeInstanceOf(TypeError)
    expect(Object(error).stack).toContain('targets.js')
    expect(Object(error).stack).toContain(`process 'modeller' (pid ${child.pid})`)
    await expect(child.result()).rejects.toBe(error)
  })

  test('can be any value', async () => {
    for (const value of [undefined, null, 'text', 7, { plain: true }]) {
      await using child = Process.start(targets.throwValue, { args: [value] })
      const outcome = await child.result().then(
        () => 'returned',
        (thrown: unknown) => ({ thrown }),
      )
      expect(outcome).toEqual({ thrown: value })
    }
  })

  test('is undefined when the function returned', async () => {
    await using child = Process.start(targets.add, { args: [1, 2] })
    expect(await child.exception()).toBe(undefined)
  })

  test('names the path of a result that cannot be carried', async () => {
    await using child = Process.start(targets.returnFunction)
    await expect(child.result()).rejects.toMatchObject({ code: 'ENCODE', path: '$.steps[1].run' })
  })

  test('names the path of an argument that cannot be carried', async () => {
    await using child = Process.start(targets.echo, { args: [{ callback: () => 1 }] })
    await expect(child.result()).rejects.toMatchObject({ code: 'ENCODE', path: '$[0].callback' })
    expect(child.pid).toBe(undefined)
  })

  test('of the import is thrown by result', async () => {
    await using child = Process.start(brokenWork)
    await expect(child.result()).rejects.toMatchObject({
      name: 'SyntaxError',
      message: 'the module is broken',
    })
  })

  test('of a missing module is thrown by result', async () => {
    const missing = moduleRef<typeof targets>(new URL('./fixtures/missing.js', import.meta.url))
    await using child = Process.start(missing.export('add'), { args: [1, 2] })
    await expect(child.result()).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' })
  })

  test('nobody asks for is no unhandled rejection', async () => {
    const child = Process.start(targets.fail, { args: ['unheard'] })
    await child.close()
    expect(child.done()).toBe(true)
  })
})

describe('an end without an answer', () => {
  test('tells the exit code and the last lines of stderr', async () => {
    await using child = Process.start(targets.exit, { args: [3, 'no licence'], name: 'quitter' })
    const error = await child.exception()
    expect(error).toBeInstanceOf(ProcessExitError)
    expect(isProcessExitError(error)).toBe(true)
    expect(error).toMatchObject({
      message: `process 'quitter' (pid ${child.pid}) exited with code 3 before it gave an answer; the last lines of its stderr:\nno licence`,
      processName: 'quitter',
      exitCode: 3,
      signalCode: null,
      stderrTail: 'no licence\n',
    })
    expect([child.exitCode, child.signalCode]).toEqual([3, null])
  })

  test('with exit code 0 is told as well', async () => {
    await using child = Process.start(targets.exit, { args: [0, ''] })
    await expect(child.result()).rejects.toMatchObject({ code: 'PROCESS_EXIT', exitCode: 0 })
  })

  test('of a function that waits for nothing is told', async () => {
    await using child = Process.start(targets.forget)
    await expect(child.result()).rejects.toMatchObject({ code: 'PROCESS_EXIT', exitCode: 0 })
  })

  test('by a signal names the signal', async () => {
    for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const) {
      await using child = Process.start(targets.spin)
      expect(child.kill(signal)).toBe(true)
      await expect(child.result()).rejects.toMatchObject({ signalCode: signal, exitCode: null })
      expect(child.kill(signal)).toBe(false)
    }
  })

  test('is noticed when a grandchild holds all descriptors', async () => {
    await using child = Process.start(targets.leaveGrandchild)
    const startedAt = performance.now()
    await expect(child.result()).rejects.toMatchObject({ signalCode: 'SIGKILL' })
    expect(performance.now() - startedAt).toBeLessThan(1_200)
  })

  test('follows rubbish on the channel', async () => {
    await using child = Process.start(targets.writeRubbish)
    const error = await child.exception()
    expect(error).toMatchObject({ code: 'PROCESS_EXIT', signalCode: 'SIGKILL' })
    expect(Object(error).cause).toMatchObject({ code: 'FRAME_TOO_LARGE' })
  })

  test('follows a channel that the child closes', async () => {
    await using child = Process.start(targets.closeChannel)
    const error = await child.exception()
    expect(error).toMatchObject({ code: 'PROCESS_EXIT', signalCode: 'SIGKILL' })
    expect(Object(error).cause).toMatchObject({ code: 'PROTOCOL' })
  })
})

describe('waiting', () => {
  test('for a result ends with a time-out, and the function goes on', async () => {
    await using child = Process.start(targets.idle)
    const error = await child.result({ timeoutMs: 50 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(isTimeoutError(error)).toBe(true)
    expect(error).toMatchObject({ phase: 'result', timeoutMs: 50 })
    expect(child.done()).toBe(false)
    child.kill()
  })

  test('without end is without end', async () => {
    await using child = Process.start(targets.addLater, { args: [1, 2] })
    expect(await child.result({ timeoutMs: Infinity })).toBe(3)
    await expect(child.result({ timeoutMs: -1 })).rejects.toThrow(RangeError)
  })

  test('ends with the reason of a signal', async () => {
    await using child = Process.start(targets.idle)
    const reason = new Error('enough')
    const aborted = AbortSignal.abort(reason)
    await expect(child.result({ signal: aborted })).rejects.toBe(reason)
    await expect(child.join({ timeoutMs: 10 })).rejects.toMatchObject({ phase: 'join' })
    child.kill()
  })

  test('for the end throws what the function threw', async () => {
    const child = Process.start(targets.fail, { args: ['late'] })
    await expect(child.join()).rejects.toMatchObject({ message: 'late' })
    expect(child.exitCode).toBe(1)
  })

  test('for the end of a function that returned gives exit code 0', async () => {
    const child = Process.start(targets.add, { args: [1, 2] })
    await child.join()
    expect(child.exitCode).toBe(0)
    expect(isAlive(child.pid ?? 0)).toBe(false)
  })
})

describe('an abort signal', () => {
  test('ends a busy process and rejects with its reason', async () => {
    const controller = new AbortController()
    const child = Process.start(targets.spin, { signal: controller.signal })
    const reason = new Error('not needed any more')
    controller.abort(reason)
    await expect(child.result()).rejects.toBe(reason)
    await child.close()
    expect(child.signalCode).toBe('SIGTERM')
  })

  test('that is aborted already starts nothing', async () => {
    const child = Process.start(targets.spin, { signal: AbortSignal.abort() })
    await expect(child.result()).rejects.toMatchObject({ name: 'AbortError' })
    expect(child.pid).toBe(undefined)
    await child.close()
  })
})

describe('a refusal', () => {
  test('says what to add to a function', () => {
    function local() {}
    // @ts-expect-error: there is no module property
    expect(() => Process.start(local)).toThrowErrorMatchingInlineSnapshot(
      `[NotImportableError: function "local" cannot be found again in another process: it has no "module" property of its own. Export it and add after it: local.module = import.meta.url]`,
    )
  })

  test('names an option that does not exist, and a list that is none', () => {
    const start = (...args: unknown[]): unknown =>
      Reflect.apply(Reflect.get(Process, 'start'), Process, args)
    expect(() => start(targets.add, { arg: [1, 2] })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Process.start has no option "arg"; it has: args, name, cpus, execArgv, env, cwd, signal]`,
    )
    expect(() => start(targets.add, { args: 'mine' })).toThrow(TypeError)
    expect(() => start(targets.add, { args: [1, 2], cpus: 1 })).toThrow(TypeError)
  })

  test('names a CPU that does not exist', () => {
    expect(() => Process.start(targets.add, { args: [1, 2], cpus: [9_999] })).toThrow(
      /^CPU 9999 does not exist: this machine has CPUs /,
    )
    expect(() => Process.start(targets.add, { args: [1, 2], cpus: [] })).toThrow(RangeError)
  })
})
