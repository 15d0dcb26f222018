import { Server } from '@mpservice/server'
import { checkLeaksAfterEach, descendants, startHost, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { ActsAt, ActsInCleanup, Trap } from './fixtures/moment-workers.js'
import { inThreads, kinds } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

type Act = 'throw' | 'exit' | 'kill'

const ownError = { name: 'ModelError', message: 'in between' }
const thrown = { name: 'ModelError', message: 'thrown' }
const unreadable = { code: 'ENCODE', kind: 'unreadable', cause: ownError }

/** What comes of an item whose worker throws at a moment; at each of them it may also die. */
const moments = [
  { at: 'decoding the input', whenThrown: { code: 'DECODE', cause: ownError } },
  { at: 'call', whenThrown: ownError },
  { at: 'call, later', whenThrown: ownError },
  { at: 'looking for a promise', whenThrown: ownError },
  { at: 'encoding the result', whenThrown: { ...unreadable, path: '$.value' } },
  { at: 'encoding the result, later', whenThrown: { ...unreadable, path: '$.value' } },
  { at: 'encoding a large result', whenThrown: { ...unreadable, path: '$.value' } },
  { at: 'encoding a result by its extension', whenThrown: { ...unreadable, path: '$.value' } },
  { at: 'encoding a field of an error', whenThrown: thrown },
  { at: 'encoding a field of an error by toJSON', whenThrown: thrown },
  { at: 'encoding the message of an error', whenThrown: { name: 'ModelError' } },
]

const crashes = {
  exit: { code: 'WORKER_CRASHED', exitCode: 3 },
  kill: { code: 'WORKER_CRASHED', signalCode: 'SIGKILL' },
}
const numbers = Array.from({ length: 20 }, (_, x) => x + 1)
const decoding = { at: 'decoding the result', act: 'as told' }

for (const kind of kinds) {
  const { name, isAvailable, servlet } = kind
  const acts: readonly Act[] = kind === inThreads ? ['throw', 'exit'] : ['throw', 'exit', 'kill']

  describe.skipIf(!isAvailable)(`with ${name}`, () => {
    test.each(acts)('whenever a worker does this, its item alone fails: %s', async (act) => {
      await using server = await Server.start(servlet(ActsAt))
      for (const [round, { at, whenThrown }] of moments.entries()) {
        const value = at === 'decoding the input' ? new Trap('decode', act) : undefined
        const before = numbers.map((x) => server.call({ value: x }))
        const acting = server.call({ at, act, value }).catch((error: unknown) => error)
        const after = numbers.map((x) => server.call({ value: -x }))
        expect(await acting, at).toMatchObject(act === 'throw' ? whenThrown : crashes[act])
        expect(await Promise.all(before)).toEqual(numbers)
        expect(await Promise.all(after)).toEqual(numbers.map((x) => -x))
        const restarts = act === 'throw' ? 0 : round + 1
        expect(server.debugInfo().servlet.workers, at).toMatchObject([{ restarts }])
      }
      expect(server.backlog).toBe(0)
      expect(server.state).toBe('open')
    })

    test('a result that cannot be decoded fails its call alone', async () => {
      await using server = await Server.start(servlet(ActsAt))
      const order = { at: 'decoding the result', act: 'throw' }
      const failing = server.call(order).catch((error: unknown) => error)
      const after = numbers.map((value) => server.call({ value }))
      expect(await failing).toMatchObject({ code: 'DECODE', cause: ownError })
      expect(await Promise.all(after)).toEqual(numbers)
      const stream = server.stream([order, { value: 1 }], { returnExceptions: true })
      const results: unknown[] = []
      for await (const result of stream) results.push(result)
      expect(results).toMatchObject([{ code: 'DECODE' }, 1])
      expect(server.debugInfo().servlet.workers).toMatchObject([{ restarts: 0 }])
    })

    test.each(acts)(
      'a cleanup that does this does not keep a server from closing: %s',
      async (act) => {
        const server = await Server.start(servlet(ActsInCleanup, { cpus: 2, args: { act } }))
        expect(await server.call(1)).toBe(1)
        await server.close()
        expect(server.state).toBe('closed')
        expect(descendants()).toEqual([])
      },
    )

    test.each(acts)('nor hides why the worker did not start: %s', async (act) => {
      const args = { act, failsInInit: true }
      await expect(Server.start(servlet(ActsInCleanup, { args }))).rejects.toMatchObject({
        code: 'WORKER_START',
        reason: 'threw',
        cause: { message: 'no model file' },
      })
      expect(descendants()).toEqual([])
    })
  })
}

describe('while the main program encodes an input', () => {
  for (const { name, isAvailable, servlet } of kinds) {
    describe.skipIf(!isAvailable)(`for ${name}`, () => {
      test.each([10, 100_000])('it may make calls itself, with %d characters', async (length) => {
        await using server = await Server.start(servlet(ActsAt, { ringBytes: 4096 }))
        const inner: Promise<unknown>[] = []
        const outer = Array.from({ length: 40 }, (_, index) =>
          server.call({
            value: {
              before: String(index).padEnd(length, 'b'),
              get calls() {
                inner.push(server.call({ value: String(index).padEnd(length, 'i') }))
                return index
              },
              after: String(index).padEnd(length, 'a'),
            },
          }),
        )
        for (const [index, answer] of (await Promise.all(outer)).entries()) {
          expect(Object(answer).calls).toBe(index)
          expect(Object(answer).before).toBe(String(index).padEnd(length, 'b'))
          expect(Object(answer).after).toBe(String(index).padEnd(length, 'a'))
        }
        const answers = await Promise.all(inner)
        expect(answers.length).toBeGreaterThanOrEqual(40)
        const expected = new Set(outer.map((_, index) => String(index).padEnd(length, 'i')))
        expect(new Set(answers)).toEqual(expected)
        expect(server.backlog).toBe(0)
      })

      test.each([
        { what: 'kill', code: 'SERVER_CLOSED' },
        { what: 'close', code: undefined },
      ] as const)('it may $what the server', async ({ what, code }) => {
        const server = await Server.start<unknown, unknown>(servlet(ActsAt))
        const ends: Promise<unknown>[] = []
        const outcome = await server
          .call({
            get value() {
              ends.push(server[what]())
              return 1
            },
          })
          .catch((error: unknown) => error)
        if (code === undefined) expect(outcome).toBe(1)
        else expect(outcome).toMatchObject({ code })
        await Promise.all(ends)
        expect(server.state).toBe('closed')
      })
    })
  }
})

describe('while the main program decodes a result', () => {
  for (const { name, isAvailable, servlet } of kinds) {
    test.skipIf(!isAvailable)(
      `of ${name} it may make calls itself, and kill the server`,
      async () => {
        const server = await Server.start<unknown, unknown>(servlet(ActsAt))
        const inner: Promise<unknown>[] = []
        const before = Trap.onAct
        try {
          Trap.onAct = () => inner.push(server.call({ value: 'x'.repeat(100_000) }))
          const answers = await Promise.all(numbers.map(() => server.call(decoding)))
          expect(answers.length).toBe(numbers.length)
          expect(await Promise.all(inner)).toEqual(numbers.map(() => 'x'.repeat(100_000)))

          const kills: Promise<void>[] = []
          Trap.onAct = () => kills.push(server.kill())
          const outcomes = await Promise.allSettled(numbers.map(() => server.call(decoding)))
          expect(outcomes.length).toBe(numbers.length)
          await Promise.all(kills)
          expect(server.state).toBe('closed')
          expect(server.backlog).toBe(0)
        } finally {
          Trap.onAct = before
        }
      },
    )
  }
})

describe('a main program that ends', () => {
  const cases = ['encode', 'decode'].flatMap(
    (moment) =>
      [
        { moment, act: 'exit', exit: { code: 3, signal: null } },
        { moment, act: 'kill', exit: { code: null, signal: 'SIGKILL' } },
        { moment, act: 'throw', exit: { code: 1, signal: null } },
      ] as const,
  )
  test.each(cases)(
    'by $act in the middle of a value ($moment) takes its workers along',
    async ({ moment, act, exit }) => {
      const script = new URL('./fixtures/acts-in-main.js', import.meta.url)
      await using host = await startHost(script, { args: [moment, act] })
      await host.line('ready')
      expect(await host.waitForExit()).toEqual(exit)
      await waitUntil(() => descendants().length === 0, { what: 'no process is left' })
    },
  )
})
