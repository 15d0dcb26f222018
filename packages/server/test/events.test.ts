import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { configure, type LogRecord, reset } from '@logtape/logtape'
import {
  AsyncServlet,
  makeWorker,
  ProcessServlet,
  Server,
  type ServerEvent,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { afterEach, describe, expect, test } from 'vitest'
import { Tell } from './fixtures/batch-workers.js'
import { Double, NeverReady, Obey, StartsOnce } from './fixtures/workers.js'

checkLeaksAfterEach()

const subscriptions: [name: string, onMessage: (message: unknown) => void][] = []

afterEach(() => {
  for (const subscription of subscriptions.splice(0)) unsubscribe(...subscription)
})

/** All messages of a channel from now on. */
function messagesOf(name: string): unknown[] {
  const messages: unknown[] = []
  const onMessage = (message: unknown): void => void messages.push(message)
  subscribe(name, onMessage)
  subscriptions.push([name, onMessage])
  return messages
}

/** All events of a server from now on. */
function eventsOf(server: Server<never, unknown>): ServerEvent[] {
  const events: ServerEvent[] = []
  const note = (event: ServerEvent): void => void events.push(event)
  server.on('worker-start', note).on('worker-exit', note).on('worker-stuck', note).on('state', note)
  return events
}

describe.each([
  ['process', () => new ProcessServlet(Obey, { name: 'obey' })],
  ['thread', () => new ThreadServlet(Obey, { name: 'obey' })],
])('workers of kind %s', (kind, makeServlet) => {
  test('tell of a crash, the next start and the end, in this order', async () => {
    const server = await Server.start(makeServlet())
    const events = eventsOf(server)
    const first = server.debugInfo().servlet.workers?.[0]?.pid ?? undefined
    const call = server.call({ do: 'exit', value: 3 })
    await expect(call).rejects.toMatchObject({ code: 'WORKER_CRASHED' })
    const thrown: unknown = await call.catch((error: unknown) => error)
    await waitUntil(() => events.length === 2, { what: 'the worker is replaced' })
    const second = server.debugInfo().servlet.workers?.[0]?.pid ?? undefined
    await server.close()

    const worker = { stage: 'obey', workerName: 'obey-0', workerIndex: 0 }
    const end = { kind: 'worker-exit', signalCode: null, ...worker }
    expect(events).toEqual([
      {
        ...end,
        pid: first,
        epoch: 1,
        reason: 'crashed',
        exitCode: 3,
        error: expect.objectContaining({ code: 'WORKER_CRASHED' }),
        isReplaced: true,
      },
      { kind: 'worker-start', ...worker, pid: second, epoch: 2, startMs: expect.any(Number) },
      { kind: 'state', from: 'open', to: 'closing' },
      {
        ...end,
        pid: second,
        epoch: 2,
        reason: 'closed',
        exitCode: 0,
        error: undefined,
        isReplaced: false,
      },
      { kind: 'state', from: 'closing', to: 'closed' },
    ])
    // As the item's own error says it.
    const { name, code, exitCode, signalCode } = Object(thrown)
    expect(events[0]).toMatchObject({ error: { name, code, exitCode, signalCode } })
    expect(typeof first).toBe(kind === 'process' ? 'number' : 'undefined')
  })
})

test('a server that gives up tells of every try, and that it has failed', async () => {
  await using directory = await temporaryDirectory()
  const args = { file: join(directory.path, 'started') }
  await using server = await Server.start(new ProcessServlet(StartsOnce, { args }))
  const events = eventsOf(server)
  await expect(server.call(1)).rejects.toThrow('exited with code 1')
  await waitUntil(() => server.state === 'failed', { what: 'it gives up', timeoutMs: 30_000 })
  const told = events.map((event) =>
    event.kind === 'worker-exit' ? `${event.reason}, ${event.isReplaced}` : event.kind,
  )
  const failed = 'failed-to-start, true'
  const tries = [failed, failed, failed, failed, failed]
  expect(told).toEqual(['crashed, true', ...tries, 'failed-to-start, false', 'state'])
  expect(events.at(-1)).toEqual({ kind: 'state', from: 'open', to: 'failed' })
  expect(events.at(-2)).toMatchObject({ error: { code: 'WORKER_START' }, exitCode: 9 })
}, 60_000)

test('a listener that was let go, or was for once, is not called again', async () => {
  const server = await Server.start(new AsyncServlet(makeWorker((x: number) => x)))
  const calls: string[] = []
  const off = (): void => void calls.push('off')
  server
    .on('state', off)
    .on('state', ({ to }) => void calls.push(`on ${to}`))
    .once('state', ({ to }) => void calls.push(`once ${to}`))
    .off('state', off)
  await server.close()
  expect(calls).toEqual(['on closing', 'once closing', 'on closed'])
})

test('a listener that throws or rejects is logged and breaks nothing', async () => {
  const records: LogRecord[] = []
  await configure({
    sinks: { memory: (record) => void records.push(record) },
    loggers: [
      { category: ['mpservice'], sinks: ['memory'], lowestLevel: 'error' },
      { category: ['logtape', 'meta'], sinks: [] },
    ],
  })
  try {
    const server = await Server.start(new ProcessServlet(Double))
    const reached: string[] = []
    server
      .on('state', () => {
        throw new RangeError('thrown')
      })
      .on('state', () => Promise.reject(new RangeError('rejected')))
      .on('state', ({ to }) => void reached.push(to))
    expect(await server.call(1)).toBe(2)
    await server.close()
    expect(reached).toEqual(['closing', 'closed'])
    const logged = records.map(({ level, category, properties }) => ({
      level,
      category,
      event: properties['event'],
      message: String(properties['error']),
    }))
    const record = { level: 'error', category: ['mpservice', 'server'], event: 'state' }
    const thrown = { ...record, message: 'RangeError: thrown' }
    const rejected = { ...record, message: 'RangeError: rejected' }
    expect(logged).toHaveLength(4)
    expect(logged).toEqual(expect.arrayContaining([thrown, rejected]))
  } finally {
    await reset()
  }
})

test('a listener may end its server', async () => {
  const server = await Server.start(new ProcessServlet(Obey))
  const ended = new Promise<void>((resolve, reject) => {
    server.once('worker-exit', () => void server.kill().then(resolve, reject))
  })
  await expect(server.call({ do: 'exit', value: 1 })).rejects.toThrow('exited with code 1')
  await ended
  expect(server.state).toBe('closed')
})

test('an event that does not exist is refused, and so is what is no function', async () => {
  await using server = await Server.start(new AsyncServlet(makeWorker((x: number) => x)))
  // @ts-expect-error There is no such event.
  expect(() => server.on('exit', () => undefined)).toThrow(
    new TypeError(
      "a server has no event 'exit'; its events are worker-start, worker-exit, worker-stuck, state",
    ),
  )
  // @ts-expect-error There is no such event.
  expect(() => server.off('toString', () => undefined)).toThrow(TypeError)
  // @ts-expect-error That is no listener.
  expect(() => server.once('state', 5)).toThrow(new TypeError('a listener is a function'))
})

test('mpservice:call tells the end of each call, without its input', async () => {
  const messages = messagesOf('mpservice:call')
  await using server = await Server.start(new ProcessServlet(Obey), { capacity: 1 })
  expect(await server.call({ do: 'return', value: 1 })).toBe(1)
  await expect(server.call({ do: 'throw', value: 'bad' })).rejects.toThrow('bad')
  const slow = server.call({ do: 'sleep', value: 50 }, { timeoutMs: 1_000 })
  await expect(
    server.call({ do: 'return' }, { backpressure: false, timeoutMs: 5 }),
  ).rejects.toMatchObject({ code: 'TIMEOUT' })
  await slow
  const facts = { elapsedMs: expect.any(Number), timeoutMs: 60_000 }
  const error = expect.objectContaining({ message: 'bad' })
  const timeout = expect.objectContaining({ code: 'TIMEOUT', phase: 'enqueue' })
  expect(messages).toStrictEqual([
    { ...facts, id: 1, outcome: 'ok', error: undefined },
    { ...facts, id: 2, outcome: 'error', error },
    { ...facts, id: undefined, outcome: 'error', error: timeout, timeoutMs: 5 },
    { ...facts, id: 3, outcome: 'ok', error: undefined, timeoutMs: 1_000 },
  ])
})

test.each([
  ['process', () => new ProcessServlet(Tell, { name: 'tell', batchSize: 2, batchWaitMs: 0 })],
  ['async', () => new AsyncServlet(Tell, { name: 'tell', batchSize: 2, batchWaitMs: 0 })],
])('mpservice:batch tells each batch of kind %s', async (_, makeServlet) => {
  const messages = messagesOf('mpservice:batch')
  await using server = await Server.start(makeServlet())
  await Promise.all([1, 2, 3].map((x) => server.call(x)))
  const message = { stage: 'tell', workerName: 'tell-0', waitMs: expect.any(Number) }
  expect(messages).toStrictEqual([
    { ...message, size: 2 },
    { ...message, size: 1 },
  ])
})

test('mpservice:worker tells what the events tell, and of workers before there is a server', async () => {
  const messages = messagesOf('mpservice:worker')
  const server = await Server.start(new ProcessServlet(Double))
  expect(messages).toMatchObject([{ kind: 'worker-start', workerName: 'Double-0', epoch: 1 }])
  const events = eventsOf(server)
  await server.close()
  const exits = events.filter(({ kind }) => kind === 'worker-exit')
  expect(exits).toHaveLength(1)
  expect(messages.slice(1)).toEqual(exits)
  expect(messages[1]).toBe(exits[0])
})

test('mpservice:worker tells of a start that fails', async () => {
  const messages = messagesOf('mpservice:worker')
  const servlet = new ProcessServlet(NeverReady, { startTimeoutMs: 50 })
  await expect(Server.start(servlet)).rejects.toMatchObject({ code: 'WORKER_START' })
  expect(messages).toMatchObject([
    { kind: 'worker-exit', reason: 'failed-to-start', isReplaced: false, epoch: 1 },
  ])
})
