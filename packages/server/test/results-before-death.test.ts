import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Server } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { DiesAt } from './fixtures/channel-workers.js'
import { kinds } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`a worker of ${name} that dies suddenly`, () => {
    test.each([{ isAsync: false }, { isAsync: true }])(
      'in its 1001st item has answered 1000 (asynchronously: $isAsync)',
      async ({ isAsync }) => {
        await using folder = await temporaryDirectory()
        const args = { dieAt: 1_000, log: join(folder.path, 'log'), isAsync }
        await using server = await Server.start(servlet(DiesAt, { args }), { capacity: 1_100 })
        const outcomes = await Promise.allSettled(numbers(1_100).map((x) => server.call(x)))
        expectOnlyOneFailed(outcomes, args.dieAt)
        expect(await begun(args.log)).toEqual(numbers(1_100))
        expect(server.debugInfo()).toMatchObject({
          backlog: 0,
          servlet: { workers: [{ restarts: 1 }] },
        })
      },
    )

    test('while its server is busy has answered what came before', async () => {
      await using folder = await temporaryDirectory()
      const args = { dieAt: 240, log: join(folder.path, 'log') }
      await using server = await Server.start(servlet(DiesAt, { args }))
      // Quick items teach the server to send several at once.
      for (const x of numbers(200)) await server.call(x)
      const later = numbers(250).slice(200)
      const calls = Promise.allSettled(later.map((x) => server.call(x)))
      await new Promise((resolve) => setImmediate(resolve))
      block(150)
      const outcomes = await calls
      expectOnlyOneFailed(outcomes, args.dieAt - 200, 200)
      expect(await begun(args.log)).toEqual(numbers(250))
    })

    test('has answered with large results, too', async () => {
      await using folder = await temporaryDirectory()
      const args = { dieAt: 40, log: join(folder.path, 'log'), resultBytes: 150_000 }
      await using server = await Server.start(servlet(DiesAt, { args, blockBytes: 2 ** 20 }))
      const outcomes = await Promise.allSettled(
        numbers(50).map(async (x) => {
          const result: unknown = await server.call(x)
          return Buffer.alloc(args.resultBytes, x).equals(Object(result)) ? x : 'other'
        }),
      )
      expectOnlyOneFailed(outcomes, args.dieAt)
      expect(await begun(args.log)).toEqual(numbers(50))
    })
  })
}

function expectOnlyOneFailed(
  outcomes: readonly PromiseSettledResult<unknown>[],
  which: number,
  first = 0,
): void {
  const others = outcomes.toSpliced(which, 1)
  const values = others.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome))
  expect(values).toEqual(
    numbers(outcomes.length)
      .toSpliced(which, 1)
      .map((x) => x + first),
  )
  expect(outcomes[which]).toMatchObject({ reason: { code: 'WORKER_CRASHED' } })
}

async function begun(log: string): Promise<number[]> {
  return (await readFile(log, 'utf8')).trimEnd().split('\n').map(Number)
}

function block(forMs: number): void {
  const end = performance.now() + forMs
  while (performance.now() < end);
}
