import { Server } from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { randomFrom } from './fixtures/random.js'
import { layout, Scribbles } from './fixtures/scribbles.js'
import { sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const seed = 20_260_801
const random = randomFrom(seed)

const ringBytes = 4096
const ringMemoryBytes = layout.ringHeaderBytes + ringBytes
const rings = { 'to the worker': layout.toWorker, 'from it': layout.toWorker + ringMemoryBytes }
const channelBytes = layout.toWorker + 2 * ringMemoryBytes

interface Order {
  readonly value: unknown
  readonly writes?: readonly { readonly position: number; readonly bytes: Buffer }[]
  readonly spoils?: string
}

interface Rubbish {
  readonly what: string
  readonly position: number
  readonly bytes: Buffer
}

const everywhere: Rubbish[] = [
  ...Object.entries(rings).flatMap(([ring, position]) => [
    ...(['tail', 'head', 'readerParked', 'writerParked'] as const).map((word) =>
      rubbish(`${word} of the ring ${ring}`, position + layout[word], 4),
    ),
    rubbish(`data of the ring ${ring}`, position + layout.ringHeaderBytes, ringBytes),
    rubbish(`all of the ring ${ring}`, position, ringMemoryBytes),
  ]),
  rubbish('the page before the rings', 0, layout.toWorker),
  rubbish('everything', 0, channelBytes),
]

const somewhere: Rubbish[] = Array.from({ length: 40 }, () => {
  const bytes = 1 + Math.floor(random() ** 2 * 4_000)
  const position = Math.floor(random() * (channelBytes - bytes))
  return rubbish(`bytes ${position} to ${position + bytes}`, position, bytes)
})

describe.skipIf(!sharing.isAvailable || process.platform !== 'linux')(
  'a worker that writes over the memory of its channel',
  () => {
    test.each([
      { where: 'in chosen places', cases: everywhere, leastCrashes: 6 },
      { where: 'anywhere', cases: somewhere, leastCrashes: 1 },
    ])(
      '$where harms nobody but what it holds',
      async ({ cases, leastCrashes }) => {
        await using bystander = await Server.start(sharing.servlet(Scribbles, { ringBytes }))
        await using server = await Server.start(sharing.servlet(Scribbles, { ringBytes, cpus: 2 }))
        let crashes = 0
        for (const { what, ...write } of cases) {
          await expectRightAnswers(server, what)
          const outcomes = await Promise.all(
            [1, 2, 3, 4, 5, 6].map((value) =>
              outcomeOf(server, { value, writes: value === 3 ? [write] : [] }),
            ),
          )
          // What else it may be: a broken result, or another one.
          expect(outcomes, `${what} (seed ${seed})`).not.toContain('TIMEOUT')
          crashes += outcomes.filter((outcome) => outcome === 'WORKER_CRASHED').length
          expect(await bystander.call({ value: what })).toBe(what)
        }
        await expectRightAnswers(server, 'all')
        expect(server.state).toBe('open')
        expect(server.backlog).toBe(0)
        expect(crashes).toBeGreaterThanOrEqual(leastCrashes)
      },
      60_000,
    )

    test.each(['kind', 'claim'])(
      'so that it cannot tell the %s of its tasks does not leave them without an outcome',
      async (spoils) => {
        await using server = await Server.start(sharing.servlet(Scribbles))
        await expectRightAnswers(server, 'nothing')
        const values = [1, 2, 3, 4]
        const outcomes = await Promise.all(
          values.map((value) => outcomeOf(server, value === 1 ? { value, spoils } : { value })),
        )
        expect(outcomes[0]).toBe('right')
        expect(outcomes).not.toContain('TIMEOUT')
        await expectRightAnswers(server, 'later calls')
        expect(server.debugInfo().servlet.workers?.[0]?.restarts).toBe(1)
      },
    )
  },
)

function rubbish(what: string, position: number, byteCount: number): Rubbish {
  const bytes = Buffer.from(Array.from({ length: byteCount }, () => Math.floor(random() * 256)))
  return { what, position, bytes }
}

async function outcomeOf(server: Server<Order, unknown>, order: Order): Promise<unknown> {
  try {
    const answer = await server.call(order, { timeoutMs: 5_000 })
    return answer === order.value ? 'right' : { answer }
  } catch (error) {
    return Object(error).code ?? error
  }
}

/** Later calls are answered, as soon as a worker that broke its memory before has been replaced. */
async function expectRightAnswers(server: Server<Order, unknown>, after: string): Promise<void> {
  let inARow = 0
  for (let call = 0; call < 200 && inARow < 50; call++) {
    const outcome = await outcomeOf(server, { value: call })
    expect(['right', 'WORKER_CRASHED'], `after ${after} (seed ${seed})`).toContain(outcome)
    inARow = outcome === 'right' ? inARow + 1 : 0
  }
  expect(inARow, `right answers after ${after} (seed ${seed})`).toBe(50)
}
