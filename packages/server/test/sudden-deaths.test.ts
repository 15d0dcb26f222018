import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  isAlive,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Act } from './fixtures/channel-workers.js'
import { digest } from './fixtures/digest.js'
import { randomFrom } from './fixtures/random.js'
import { countMemoryBlocks, inThreads, onPipes, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const seed = 20_260_802
const inputSizes = [0, 20, 300, 5_000, 70_000, 300_000]
const resultSizes = [0, 50, 1_000, 40_000, 150_000]

/** A call, as its caller knows it. */
interface Call {
  readonly name: string
  readonly value: Buffer
  readonly bytes: number
  outcome: unknown
}

const rounds = [
  { kind: sharing, limits: {}, atATime: 32, forMs: 2_000 },
  { kind: sharing, limits: { ringBytes: 4096, blockBytes: 2 ** 20 }, atATime: 64, forMs: 1_200 },
  { kind: sharing, limits: {}, atATime: 200, forMs: 1_200 },
  { kind: onPipes, limits: {}, atATime: 32, forMs: 1_200 },
  { kind: inThreads, limits: {}, atATime: 32, forMs: 1_200 },
]

describe.skipIf(!sharing.isAvailable || process.platform !== 'linux')(
  'workers that die at random moments under load',
  () => {
    test.each(rounds.map((round) => ({ ...round, name: round.kind.name })))(
      'fail only what they had begun: $name, $atATime items at a time, $limits',
      async ({ kind, limits, atATime, forMs }) => {
        await using folder = await temporaryDirectory()
        const log = join(folder.path, 'log')
        const blocksBefore = countMemoryBlocks()
        const random = randomFrom(seed)
        await using server = await Server.start(kind.servlet(Act, { ...limits, cpus: 2 }))
        const calls: Call[] = []
        let deaths = 0
        /** Workers that have answered: their death costs no restart budget. */
        const proven = new Set<number>()
        const end = performance.now() + forMs

        const callers = Array.from({ length: atATime }, async () => {
          while (performance.now() < end) {
            const call = makeCall(calls.length, random)
            calls.push(call)
            const dies = kind === inThreads && calls.length % 100 === 0
            if (dies) deaths++
            const order = { do: dies ? 'die' : 'work', ...call, file: log }
            call.outcome = await server.call(order, { timeoutMs: 15_000 }).then(
              (answer) => (proven.add(Object(answer).pid), answer),
              (error: unknown) => Object(error).code ?? error,
            )
          }
        })
        if (kind !== inThreads) deaths = await killNowAndThen(proven, random, end)
        await Promise.all(callers)

        expect(deaths).toBeGreaterThan(0)
        const begun = (await readFile(log, 'utf8')).trimEnd().split('\n')
        expect(duplicates(begun), 'begun twice').toEqual([])
        const crashed = calls.filter(({ outcome }) => outcome === 'WORKER_CRASHED')
        const answered = calls.filter((call) => isRightAnswer(call))
        expect(crashed.length + answered.length, JSON.stringify(odd(calls))).toBe(calls.length)
        // Some died before they could write down what they had begun.
        const told = new Set(begun)
        const untold = crashed.filter(({ name }) => !told.has(name))
        expect(untold.length).toBeLessThanOrEqual(deaths)
        expect(crashed.length).toBeLessThanOrEqual(deaths)
        expect(answered.every(({ name }) => told.has(name))).toBe(true)

        expect(server.backlog).toBe(0)
        await waitUntil(() => isWhole(server), { what: 'the last to die has been replaced' })
        const last = makeCall(-1, random)
        last.outcome = await server.call({ do: 'work', ...last }, { timeoutMs: 10_000 })
        expect(isRightAnswer(last)).toBe(true)
        await server.close()
        expect(countMemoryBlocks()).toBe(blocksBefore)
      },
      30_000,
    )
  },
)

function isWhole(server: Server<unknown, unknown>): boolean {
  const workers = server.debugInfo().servlet.workers ?? []
  return workers.every(({ state, pid }) => state === 'ready' && (!pid || isAlive(pid)))
}

function makeCall(index: number, random: () => number): Call {
  const pick = (sizes: readonly number[]): number =>
    sizes[Math.floor(random() ** 2 * sizes.length)]!
  return {
    name: `${index}.`,
    value: Buffer.alloc(pick(inputSizes), `input ${index}`),
    bytes: pick(resultSizes),
    outcome: undefined,
  }
}

function isRightAnswer({ name, value, bytes, outcome }: Call): boolean {
  const answer = Object(outcome)
  return (
    answer.name === name &&
    answer.seen === digest(value) &&
    Buffer.alloc(bytes, name).equals(answer.bytes)
  )
}

/** Kills one of the workers again and again, without a warning; gives how often. */
async function killNowAndThen(
  proven: ReadonlySet<number>,
  random: () => number,
  end: number,
): Promise<number> {
  let kills = 0
  while (performance.now() < end) {
    await sleep(40 + random() * 120)
    const alive = [...proven].filter((pid) => isAlive(pid))
    const victim = alive[Math.floor(random() * alive.length)]
    if (victim === undefined) continue
    process.kill(victim, 'SIGKILL')
    kills++
  }
  return kills
}

function odd(calls: readonly Call[]): unknown[] {
  return calls
    .filter((call) => call.outcome !== 'WORKER_CRASHED' && !isRightAnswer(call))
    .map(({ name, value, outcome }) => ({ name, bytes: value.length, outcome }))
    .slice(0, 5)
}

function duplicates(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}
