import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inspect, types } from 'node:util'
import { Worker as NodeWorker } from 'node:worker_threads'
import {
  decodeException,
  encodeException,
  getRemoteTraceback,
  isRemoteException,
  isRemoteTraceback,
  registerException,
  RemoteTraceback,
} from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'

class QuotaError extends Error {
  readonly limit: number = 0
  get isOver(): boolean {
    return this.limit > 0
  }
}
registerException(QuotaError, { ifTaken: 'replace' })

interface Sent {
  readonly pid: number
  readonly data: unknown
}

function throwInChild(what: string, ...names: readonly string[]): Sent {
  const program = fileURLToPath(new URL('fixtures/throwing-child.js', import.meta.url))
  const output = execFileSync(process.execPath, [program, what, ...names], { encoding: 'utf8' })
  return JSON.parse(output)
}

async function relay(data: unknown, how: string, name?: string): Promise<[number, unknown]> {
  const program = new URL('fixtures/relaying-thread.js', import.meta.url)
  const thread = new NodeWorker(program, { workerData: { how, name } })
  try {
    thread.postMessage(data, [])
    const [answer] = await once(thread, 'message')
    return [answer.threadId, answer.data]
  } finally {
    await thread.terminate()
  }
}

function decodeError(data: unknown): Error {
  const decoded = decodeException(data)
  if (decoded instanceof Error) return decoded
  throw new TypeError('what was decoded is no error', { cause: decoded })
}

describe('an error thrown in another process', () => {
  test('arrives with class, fields, cause and stack', () => {
    const { pid, data } = throwInChild('registered')
    const error = decodeError(data)
    expect(error).toBeInstanceOf(QuotaError)
    expect(error).toMatchObject({
      name: 'QuotaError',
      message: 'over the limit of 5',
      limit: 5,
      isOver: true,
    })
    expect(Object.keys(error)).toEqual(['limit'])
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(types.isNativeError(error)).toBe(true)
    const lines = error.stack?.split('\n') ?? []
    expect(lines[0]).toBe('QuotaError: over the limit of 5')
    expect(lines[1]).toMatch(/^ {4}at .*explode.* \(file:.*throwing-child\.js:\d+:\d+\)$/)
    expect(lines.at(-1)).toBe(`    in process ${pid}`)
    expect(pid).not.toBe(process.pid)
    expect(Object(error.cause).stack.split('\n').at(-1)).toBe(`    in process ${pid}`)
  })

  test('names the process in the stack and in the traceback', () => {
    const { pid, data } = throwInChild('plain', 'adder')
    const error = decodeError(data)
    expect(error.stack?.endsWith(`\n    in process 'adder' (pid ${pid})`)).toBe(true)
    expect(getRemoteTraceback(error)).toBe(error.stack)
    expect(isRemoteException(error)).toBe(true)
    expect(error.cause).toBeInstanceOf(RemoteTraceback)
    expect(isRemoteTraceback(error.cause)).toBe(true)
    expect(error.cause).toMatchObject({ name: 'RemoteTraceback', message: error.stack })
    expect(Object.keys(error)).toEqual([])
  })

  test('is a system error or nothing at all just as well', () => {
    expect(decodeError(throwInChild('system').data)).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      path: '/does/not/exist',
    })
    expect(decodeException(throwInChild('nothing').data)).toBe(undefined)
  })
})

describe('an error that goes through several places', () => {
  test('keeps its class, its traceback and a line for each place', async () => {
    const { pid, data } = throwInChild('registered')
    // The thread does not know the class.
    const [threadId, relayed] = await relay(data, 'unchanged')
    const error = decodeError(relayed)
    expect(error).toBeInstanceOf(QuotaError)
    expect(error).toMatchObject({ limit: 5, isOver: true, cause: { message: 'the reason' } })
    const first = decodeError(data).stack
    const place = `    in thread ${threadId} of process ${process.pid}`
    expect(first?.split('\n').at(-1)).toBe(`    in process ${pid}`)
    expect(error.stack).toBe(`${first}\n${place}`)
    expect(getRemoteTraceback(error)).toBe(error.stack)
    expect(Object(error.cause).stack.split('\n').slice(-2)).toEqual([
      `    in process ${pid}`,
      place,
    ])
  })

  test('gets a new traceback for a cause at each place, never one of its own', async () => {
    const { pid, data } = throwInChild('plain', 'adder')
    const [threadId, relayed] = await relay(data, 'unchanged', 'relay')
    const [nextId, again] = await relay(relayed, 'unchanged')
    expect(Object.hasOwn(Object(again).errors[0], 'cause')).toBe(false)
    expect(Object(again).errors).toHaveLength(1)
    const error = decodeError(again)
    const places = [
      `    in process 'adder' (pid ${pid})`,
      `    in thread 'relay' (thread ${threadId} of process ${process.pid})`,
      `    in thread ${nextId} of process ${process.pid}`,
    ]
    expect(error.stack?.split('\n').slice(-3)).toEqual(places)
    expect(error.cause).toMatchObject({ name: 'RemoteTraceback', message: error.stack })
    expect(inspect([error.cause])).toBe(
      `[\n  [RemoteTraceback: ${places.map((line) => line.trim()).join(', ')}]\n]`,
    )
  })

  test('keeps its own traceback inside the error that wraps it', async () => {
    const { pid, data } = throwInChild('plain')
    const [threadId, relayed] = await relay(data, 'wrapped')
    const error = decodeError(relayed)
    const place = `    in thread ${threadId} of process ${process.pid}`
    expect(error.message).toBe('wrapped in the thread')
    expect(error.stack?.split('\n').filter((line) => line.startsWith('    in '))).toEqual([place])
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'plain' })
    expect(Object(error.cause).stack.split('\n').slice(-2)).toEqual([
      `    in process ${pid}`,
      place,
    ])
    expect(Object.hasOwn(Object(error.cause), 'cause')).toBe(false)
  })

  test('keeps its traceback when its stack was replaced on the way', async () => {
    const { data } = throwInChild('plain')
    const first = decodeError(data).stack
    const [threadId, relayed] = await relay(data, 'restacked')
    const { stack = '' } = decodeError(relayed)
    expect(stack.startsWith(`${first}\nTypeError: plain\n    at `)).toBe(true)
    expect(stack).toMatch(/relaying-thread\.js/)
    expect(stack.endsWith(`\n    in thread ${threadId} of process ${process.pid}`)).toBe(true)
  })

  test('keeps its traceback when its stack was deleted on the way', async () => {
    const { data } = throwInChild('plain')
    const first = decodeError(data).stack
    const [threadId, relayed] = await relay(data, 'unstacked')
    expect(decodeError(relayed).stack).toBe(
      `${first}\n    in thread ${threadId} of process ${process.pid}`,
    )
  })

  test('keeps the names of what was left out', () => {
    const sent = Object.assign(new Error('x'), { callback: () => 1 })
    const arrived = Object.assign(decodeError(encodeException(sent)), { mark: Symbol('m') })
    expect(encodeException(arrived).errors[0]?.dropped).toEqual(['callback', 'mark'])
  })

  test('takes along what was changed on the way', () => {
    const arrived = decodeError(encodeException(new TypeError('x')))
    arrived.message = 'changed'
    arrived.cause = new RangeError('set here')
    Object.assign(arrived, { added: 1 })
    expect(decodeException(encodeException(arrived))).toMatchObject({
      name: 'TypeError',
      message: 'changed',
      added: 1,
      cause: { name: 'RangeError', message: 'set here' },
    })
  })

  test('a traceback that is made the cause of another error arrives as one', () => {
    const arrived = decodeError(encodeException(new TypeError('x')))
    const other = decodeError(encodeException(new Error('other', { cause: arrived.cause })))
    expect(isRemoteTraceback(other.cause)).toBe(true)
    expect(other.cause).toMatchObject({ message: arrived.stack })
  })
})

test('nothing else is a remote exception', () => {
  for (const value of [new Error('here'), {}, undefined, null, 'text', 5, () => 1, Symbol('x')]) {
    expect(isRemoteException(value)).toBe(false)
    expect(getRemoteTraceback(value)).toBe(undefined)
  }
})
