import { registerException } from '@mpservice/remote-exception'
import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  SequentialServlet,
  Server,
} from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { CountsErrors, thrownTable, Throws } from './fixtures/thrown-table.js'
import { kinds } from './fixtures/worker-kinds.js'
import { ModelError } from './fixtures/workers.js'

checkLeaksAfterEach()
registerException(ModelError)

const numbers = thrownTable.map((_, index) => index + 1)

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`what is thrown in ${name}`, () => {
    test('arrives as itself or as the nearest that there is, thrown at once or later', async () => {
      await using server = await Server.start(servlet(Throws))
      for (const number of [...numbers, ...numbers.map((each) => -each)]) {
        const outcome = await server.call(number).then(
          (result: unknown) => ({ result }),
          (thrown: unknown) => ({ thrown }),
        )
        expectThrown(number, outcome)
      }
      expect(server.backlog).toBe(0)
      expectSameWorker(server)
    })

    test('is an element of a stream, in an Error if it was none', async () => {
      await using server = await Server.start(servlet(Throws))
      const results: unknown[] = []
      for await (const result of server.stream(numbers, { returnExceptions: true })) {
        results.push(result)
      }
      expect(results.length).toBe(numbers.length)
      for (const [index, result] of results.entries()) {
        expect(result, thrownTable[index]?.name).toBeInstanceOf(Error)
        const isWrapped = Object(result).message === 'a worker threw a value that is not an Error'
        expectThrown(index + 1, { thrown: isWrapped ? Object(result).cause : result })
      }
      expectSameWorker(server)
    })

    test('can be told from results in the tuple of an ensemble, here and in a next stage', async () => {
      const both = new EnsembleServlet(
        [servlet(Throws), new AsyncServlet(makeWorker((number: number) => number))],
        { failFast: false },
      )
      await using server = await Server.start(new SequentialServlet(both, servlet(CountsErrors)))
      expect(await Promise.all(numbers.map((number) => server.call(number)))).toEqual(
        numbers.map(() => [true, false]),
      )
      expect(server.backlog).toBe(0)
    })
  })
}

function expectThrown(number: number, outcome: object): void {
  const row = thrownTable[Math.abs(number) - 1]
  expect(Object.keys(outcome), row?.name).toEqual(['thrown'])
  const thrown: unknown = Reflect.get(outcome, 'thrown')
  expect(row?.is(thrown), row?.name).toBe(true)
  if (row?.like !== undefined) expect(thrown, row.name).toMatchObject(row.like)
}

function expectSameWorker(server: Server<number, unknown>): void {
  expect(server.debugInfo().servlet.workers).toMatchObject([{ restarts: 0, held: 0 }])
}
