import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import type * as contract from '@mpservice/contract'
import {
  hasErrorCode,
  isMpserviceError,
  isNotImportableError,
  isTimeoutError,
  isUnsafePathError,
  locateExport,
  moduleRef,
  MpserviceError,
  NotImportableError,
  TimeoutError,
  UnsafePathError,
} from '@mpservice/contract'
import { describe, expect, test } from 'vitest'

const timeout = new TimeoutError({ phase: 'total', elapsedMs: 1003.7, timeoutMs: 1000 })

describe('TimeoutError', () => {
  test('has a name, a code, its facts and a message that states them', () => {
    expect(timeout.name).toBe('TimeoutError')
    expect(ownFields(timeout)).toEqual({
      code: 'TIMEOUT',
      phase: 'total',
      elapsedMs: 1003.7,
      timeoutMs: 1000,
    })
    expect(timeout.message).toBe('time is up in phase "total": waited 1004 ms of 1000 ms')
  })

  test('begins its stack with its own name', () => {
    expect(inspect(timeout).split('\n')[0]).toBe(`TimeoutError: ${timeout.message}`)
  })

  test('keeps its cause', () => {
    const cause = new Error('the disk is slow')
    expect(new TimeoutError({ phase: 'result', elapsedMs: 6, timeoutMs: 5 }, { cause }).cause).toBe(
      cause,
    )
    expect('cause' in timeout).toBe(false)
  })

  test('is an Error and an MpserviceError', () => {
    expect(timeout).toBeInstanceOf(Error)
    expect(timeout).toBeInstanceOf(MpserviceError)
  })
})

describe('NotImportableError', () => {
  test('has a name, a code, its target and its message', () => {
    const cause = new Error('inner')
    const error = new NotImportableError('not here', { target: 'work' }, { cause })
    expect(error.name).toBe('NotImportableError')
    expect(ownFields(error)).toEqual({ code: 'NOT_IMPORTABLE', target: 'work' })
    expect([error.message, error.cause]).toEqual(['not here', cause])
  })
})

describe('UnsafePathError', () => {
  test('has a name, a code, its facts and a message that states them', () => {
    const cause = new Error('inner')
    const facts = { path: '/tmp/x', problem: 'it is no directory' }
    const error = new UnsafePathError(facts, { cause })
    expect(error.name).toBe('UnsafePathError')
    expect(ownFields(error)).toEqual({ code: 'UNSAFE_PATH', ...facts })
    expect(error.message).toBe('/tmp/x is not safe to use: it is no directory')
    expect(error.cause).toBe(cause)
  })
})

describe('an error class of another package', () => {
  class BacklogFullError extends MpserviceError {
    static {
      this.prototype.name = 'BacklogFullError'
    }
    readonly code = 'SERVER_BACKLOG_FULL'
  }

  test('is told apart by its code', () => {
    const error = new BacklogFullError('no place is free')
    expect(isMpserviceError(error)).toBe(true)
    expect(hasErrorCode(error, 'SERVER_BACKLOG_FULL')).toBe(true)
    expect(hasErrorCode(error, 'TIMEOUT')).toBe(false)
    expect(error.stack?.split('\n')[0]).toBe('BacklogFullError: no place is free')
  })
})

describe('guards', () => {
  test('accept only their own error', () => {
    const missing = new NotImportableError('not here', { target: 'work' })
    const unsafe = new UnsafePathError({ path: '/tmp/x', problem: 'it is no directory' })
    const errors = [timeout, missing, unsafe]
    expect(errors.map(isMpserviceError)).toEqual([true, true, true])
    expect(errors.map(isTimeoutError)).toEqual([true, false, false])
    expect(errors.map(isNotImportableError)).toEqual([false, true, false])
    expect(errors.map(isUnsafePathError)).toEqual([false, false, true])
  })

  test('refuse what only looks alike', () => {
    const likeness = [
      Object.assign(new Error('time is up'), { name: 'TimeoutError', code: 'TIMEOUT' }),
      new DOMException('time is up', 'TimeoutError'),
      ownFields(timeout),
      'TIMEOUT',
      TimeoutError,
      null,
      undefined,
    ]
    expect(likeness.filter(isMpserviceError)).toEqual([])
    expect(likeness.filter(isTimeoutError)).toEqual([])
  })

  test('accept an error that was rebuilt on the prototype of its class', () => {
    const rebuilt: unknown = Object.assign(
      Object.create(TimeoutError.prototype),
      ownFields(timeout),
    )
    expect(isTimeoutError(rebuilt)).toBe(true)
  })

  test('leave no trace on the errors themselves', () => {
    expect(new Set(Reflect.ownKeys(timeout))).toEqual(
      new Set(['stack', 'message', 'code', 'phase', 'elapsedMs', 'timeoutMs']),
    )
  })
})

describe('with a second copy of the package', () => {
  test('guards accept errors of the other copy', async () => {
    await withCopy((copy) => {
      const error = new copy.TimeoutError({ phase: 'start', elapsedMs: 5, timeoutMs: 5 })
      expect(error).not.toBeInstanceOf(TimeoutError)
      expect([isMpserviceError(error), isTimeoutError(error)]).toEqual([true, true])
      expect([copy.isMpserviceError(timeout), copy.isTimeoutError(timeout)]).toEqual([true, true])
      expect(hasErrorCode(error, 'TIMEOUT')).toBe(true)
      expect(isNotImportableError(error)).toBe(false)
    })
  })

  test('locateExport accepts what moduleRef of the other copy names', async () => {
    await withCopy((copy) => {
      const location = { url: 'file:///data/work.js', exportName: 'work' }
      type Work = { work: () => void }
      expect(locateExport(copy.moduleRef<Work>(location.url).export('work'))).toEqual(location)
      expect(copy.locateExport(moduleRef<Work>(location.url).export('work'))).toEqual(location)
    })
  })

  test('guards accept errors of a copy in another realm', () => {
    const foreign: unknown = runInContext(
      `class ForeignError extends Error { code = 'TIMEOUT' }
      Object.defineProperty(ForeignError.prototype, Symbol.for('mpservice.error'), { value: true })
      new ForeignError('time is up')`,
      createContext(),
    )
    expect(foreign).not.toBeInstanceOf(Error)
    expect(isTimeoutError(foreign)).toBe(true)
  })
})

function ownFields(error: Error): unknown {
  return Object.fromEntries(Object.entries(error))
}

async function withCopy(use: (copy: typeof contract) => void): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mpservice contract-'))
  try {
    const dist = dirname(createRequire(import.meta.url).resolve('@mpservice/contract'))
    await cp(dist, join(directory, 'dist'), { recursive: true })
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    const copy: typeof contract = await import(
      pathToFileURL(join(directory, 'dist', 'index.js')).href
    )
    expect(copy.TimeoutError).not.toBe(TimeoutError)
    use(copy)
  } finally {
    await rm(directory, { recursive: true })
  }
}
