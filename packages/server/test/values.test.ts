import { inspect } from 'node:util'
import { isNotCarriedError } from '@mpservice/remote-exception'
import { AsyncServlet, isEncodeError, makeWorker, Server } from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { isRight, outcomeOf, valueTable } from './fixtures/value-table.js'
import { Carries } from './fixtures/value-workers.js'
import { kinds } from './fixtures/worker-kinds.js'
import { Echo } from './fixtures/workers.js'

checkLeaksAfterEach()

type Row = (typeof valueTable)[number]
type Outcome = { readonly value: unknown } | { readonly thrown: unknown }

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`with ${name}`, () => {
    test('an input and a result of more than 1 GiB are refused where they are', async () => {
      await using server = await Server.start(servlet(Carries))
      const tooLarge = { code: 'FRAME_TOO_LARGE', bytes: expect.any(Number) }
      const input = { do: 'take', value: new Uint8Array(2 ** 30 + 1) }
      await expect(server.call(input)).rejects.toMatchObject(tooLarge)
      await expect(server.call({ do: 'give-too-much' })).rejects.toMatchObject(tooLarge)
      expectSameWorker(server)
    })

    test('an input is seen by the worker as it was, or refused with its path', async () => {
      await using server = await Server.start(servlet(Carries))
      const wrong = await findWrong(
        (row) => server.call({ do: 'take', name: row.name, value: row.make() }),
        (row, outcome) =>
          'value' in outcome ? outcome.value === true : isRefusal(row, '$.value', outcome.thrown),
      )
      expect(wrong).toEqual([])
      expectSameWorker(server)
    })

    test('a result arrives as it was, or is refused with its path', async () => {
      await using server = await Server.start(servlet(Carries))
      const wrong = await findWrong(
        (row) => server.call({ do: 'give', name: row.name }),
        (row, outcome) =>
          'value' in outcome
            ? isRight(row, 'value', Object(outcome.value).value)
            : isRefusal(row, '$.value', outcome.thrown),
      )
      expect(wrong).toEqual([])
      expectSameWorker(server)
    })

    test('a field of an error arrives as it was, or is left out; the error always arrives', async () => {
      await using server = await Server.start(servlet(Carries))
      const wrong = await findWrong(
        (row) => server.call({ do: 'throw-field', name: row.name }),
        (row, outcome) => 'thrown' in outcome && isRightError(row, outcome.thrown),
      )
      expect(wrong).toEqual([])
      expectSameWorker(server)
    })

    test('a thrown value arrives as it was, or as an error that says what it was', async () => {
      await using server = await Server.start(servlet(Carries))
      const wrong = await findWrong(
        (row) => server.call({ do: 'throw', name: row.name }),
        (row, outcome) =>
          'thrown' in outcome &&
          (isRight(row, 'inError', outcome.thrown) ||
            (outcomeOf(row, 'inError') === 'dropped' && isNotCarriedError(outcome.thrown))),
      )
      expect(wrong).toEqual([])
      expectSameWorker(server)
    })

    test('an element of a stream comes back in its place, as it was or as its refusal', async () => {
      await using server = await Server.start(servlet(Echo))
      const inputs = valueTable.map((row) => row.make())
      const results: unknown[] = []
      for await (const result of server.stream(inputs, { returnExceptions: true })) {
        results.push(result)
      }
      expect(results.length).toBe(valueTable.length)
      const wrong = valueTable.filter((row, index) => {
        const result = results[index]
        return !isRight(row, 'value', result) && !isRefusal(row, '$', result)
      })
      expect(wrong.map(({ name: row }) => row)).toEqual([])
      expectSameWorker(server)
    })
  })
}

describe('on the event loop', () => {
  test('every value is the very one that was sent, given or thrown', async () => {
    const worker = makeWorker((order: { readonly throws: boolean; readonly held: unknown }) => {
      if (order.throws) throw order.held
      return order
    })
    await using server = await Server.start(new AsyncServlet(worker))
    for (const row of valueTable) {
      const held: unknown = row.make()
      const given = await settle(server.call({ throws: false, held }))
      expect('value' in given && Object.is(Object(given.value).held, held), row.name).toBe(true)
      const threw = await settle(server.call({ throws: true, held }))
      expect('thrown' in threw && Object.is(threw.thrown, held), row.name).toBe(true)
    }
    expect(server.backlog).toBe(0)
  })

  test('every value can be the element of a stream', async () => {
    const worker = makeWorker((order: object) => order)
    await using server = await Server.start(new AsyncServlet(worker))
    const inputs = valueTable.map((row) => ({ held: row.make() }))
    const results: unknown[] = []
    for await (const result of server.stream(inputs)) results.push(result)
    expect(results.length).toBe(inputs.length)
    expect(results.every((result, index) => result === inputs[index])).toBe(true)
    expect(server.backlog).toBe(0)
  })

  test.each(['at once', 'later'])('every value can be a result, given %s', async (when) => {
    const worker = makeWorker((value: unknown) =>
      when === 'later' ? Promise.resolve({ value }).then((held) => held.value) : value,
    )
    await using server = await Server.start(new AsyncServlet(worker))
    for (const row of valueTable) {
      const value: unknown = row.make()
      const outcome = await settle(server.call(value))
      // Whoever looks whether it is a promise gets what its traps throw, or what it comes to.
      const isAwaited = ['a Promise', 'a Proxy whose get throws', 'a revoked Proxy'].includes(
        row.name,
      )
      expect('value' in outcome && Object.is(outcome.value, value), row.name).toBe(!isAwaited)
    }
    expect(server.backlog).toBe(0)
  })
})

/** The rows whose call did not end as it has to, with what came of it. */
async function findWrong(
  call: (row: Row) => Promise<unknown>,
  isFine: (row: Row, outcome: Outcome) => boolean,
): Promise<string[]> {
  const wrong: string[] = []
  for (const row of valueTable) {
    const outcome = await settle(call(row))
    if (!isFine(row, outcome)) wrong.push(`${row.name}: ${show(outcome)}`)
  }
  return wrong
}

function show(outcome: Outcome): string {
  return inspect(outcome, { depth: 1, breakLength: Infinity, maxStringLength: 200 })
}

async function settle(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await promise }
  } catch (thrown) {
    return { thrown }
  }
}

/** @param root - Where the value of the row was in what was sent. */
function isRefusal(row: Row, root: string, error: unknown): boolean {
  const outcome = outcomeOf(row, 'value')
  if (outcome.kind === undefined || !isEncodeError(error)) return false
  if (outcome.path === 'deep') return error.path.startsWith(`${root}[0][0]`)
  return error.path === outcome.path.replace('$', root) && error.kind === outcome.kind
}

function isRightError(row: Row, error: unknown): boolean {
  const { message, before, held, after } = Object(error)
  if (message !== row.name || before !== 1 || after !== 2) return false
  return outcomeOf(row, 'inError') === 'dropped'
    ? !('held' in Object(error))
    : isRight(row, 'inError', held)
}

/** No worker has been replaced on the way, and nothing is left in progress. */
function expectSameWorker(server: Server<unknown, unknown>): void {
  expect(server.debugInfo().servlet.workers).toMatchObject([
    { restarts: 0, state: 'ready', held: 0 },
  ])
  expect(server.backlog).toBe(0)
}
