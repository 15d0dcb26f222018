import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProcessServlet, SequentialServlet, Server, ThreadServlet } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  isAlive,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { First, Last, Together } from './fixtures/chaos-workers.js'
import { digest } from './fixtures/digest.js'
import { randomFrom } from './fixtures/random.js'

checkLeaksAfterEach()

const seed = Number(process.env['MPSERVICE_CHAOS_SEED'] ?? 20_261_121)
const forMs = Number(process.env['MPSERVICE_CHAOS_MS'] ?? 20_000)
const callers = 24
const [retriesFirst, retriesTogether] = [2, 1]
/** What ends each worker that is at it. */
const deadly = new Set(['exit', 'segfault', 'grow', 'never', 'loop'])
const troubles = [...deadly, 'exit-once', 'exit-once', 'sleep', 'sleep', 'sleep', 'throw', 'throw']

/** Who goes through the server, and what is to happen to it where. */
interface Traveller {
  readonly id: number
  readonly baggage: Buffer
  readonly digest: string
  readonly trail: readonly (readonly [stage: string, pid: number])[]
  readonly at: string
  readonly do: string
  readonly ms: number
}

/** A call, as its caller knows it. */
interface Call {
  readonly traveller: Traveller
  readonly timeoutMs: number | undefined
  readonly isAborted: boolean
  settled: number
}

test(
  'whatever happens to workers and to their server, each call settles once with what is its own',
  async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    const random = randomFrom(seed)
    const chance = (share: number): boolean => random() < share
    const upTo = (most: number): number => Math.floor(random() * most)
    const args = { log }
    await using server = await Server.start(
      new SequentialServlet(
        new ProcessServlet(First, {
          args,
          cpus: 2,
          retries: retriesFirst,
          itemTimeoutMs: 1_500,
          maxRssBytes: 400 * 2 ** 20,
          maxItemsPerWorker: 400,
          onAbandon: 'kill',
        }),
        new ProcessServlet(Together, {
          args,
          cpus: 2,
          batchSize: 6,
          batchWaitMs: 5,
          retries: retriesTogether,
          itemTimeoutMs: 2_500,
        }),
        new ThreadServlet(Last),
      ),
      { capacity: 48 },
    )
    const end = performance.now() + forMs
    const calls: Call[] = []
    const tally = new Map<string, number>()
    const count = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1)
    /** Processes that have worked: their death costs no restart budget. */
    const proven = new Set<number>()

    const [first, together] = [server.stage('First'), server.stage('Together')]
    const deeds: readonly (() => void | Promise<unknown>)[] = [
      () => void signal('SIGKILL'),
      () => void signal('SIGSEGV'),
      () => void signal('SIGABRT'),
      async () => {
        const pid = signal('SIGSTOP')
        await sleep(upTo(400))
        if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGCONT')
      },
      () => {
        count('blocked')
        const until = performance.now() + upTo(300)
        while (performance.now() < until);
      },
      () => change('resized', first.setWorkers(1 + upTo(3))),
      () => change('resized', together.setWorkers(1 + upTo(2))),
      () => change('reloaded', first.reload()),
      () => {
        together.batchSize = 1 + upTo(8)
        together.batchWaitMs = upTo(10)
        count('batches changed')
      },
      () => {
        server.capacity = 16 + upTo(48)
        count('capacity changed')
      },
    ]

    const lanes = Array.from({ length: callers }, async () => {
      while (performance.now() < end) {
        const call = makeCall(calls.length)
        calls.push(call)
        await settle(call)
        call.settled++
      }
    })
    const nemesis = rage()
    await Promise.all(lanes)
    await nemesis

    console.log(`seed ${seed}:`, Object.fromEntries(tally))
    expect(calls.every(({ settled }) => settled === 1)).toBe(true)
    await waitUntil(() => server.backlog === 0, {
      what: 'all places are free',
      timeoutMs: 20_000,
    })
    expect(server.state).toBe('open')
    checkAttempts()
    // It serves as before.
    const last = makeCall(calls.length, 'nothing')
    expect(await server.call(last.traveller)).toMatchObject({ id: last.traveller.id })

    function makeCall(id: number, does?: string): Call {
      const baggage = Buffer.alloc(chance(0.05) ? upTo(3_000_000) : upTo(2_000), id)
      const what = does ?? (chance(0.96) ? 'nothing' : pick(troubles))
      const at = chance(0.5) ? 'first' : 'together'
      return {
        // The second stage has no limit of memory.
        traveller: {
          id,
          baggage,
          digest: '',
          trail: [],
          at: what === 'grow' ? 'first' : at,
          do: what,
          ms: upTo(200),
        },
        timeoutMs: chance(0.05) ? 5 + upTo(200) : undefined,
        isAborted: chance(0.05),
        settled: 0,
      }
    }

    async function settle({ traveller, timeoutMs, isAborted }: Call): Promise<void> {
      const controller = new AbortController()
      const reason = new Error('the caller has left')
      const timer = isAborted ? setTimeout(() => controller.abort(reason), upTo(100)) : undefined
      try {
        const answer = await server.call(traveller, {
          backpressure: false,
          priority: chance(0.2) ? upTo(21) - 10 : 0,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          ...(isAborted ? { signal: controller.signal } : {}),
        })
        check(traveller, answer)
        count('answered')
      } catch (error) {
        count(checkFailure(error))
      } finally {
        clearTimeout(timer)
      }

      function checkFailure(error: unknown): string {
        if (error === reason) return 'left'
        expect(error).toBeInstanceOf(Error)
        const code: unknown = Reflect.get(Object(error), 'code')
        if (code === 'TIMEOUT') {
          expect(timeoutMs).toBeDefined()
          return 'timed out'
        }
        if (traveller.do === 'throw') {
          expect(error).toMatchObject({ name: 'RangeError', message: `traveller ${traveller.id}` })
          return 'threw'
        }
        // Others die of what happens around them, but not before they have been tried again.
        expect(error).toMatchObject({ code: 'POISON_ITEM' })
        return deadly.has(traveller.do) ? 'poison' : 'unlucky'
      }
    }

    function check(traveller: Traveller, answer: unknown): void {
      expect(answer).toMatchObject({ id: traveller.id, digest: digest(traveller.baggage) })
      expect(deadly.has(traveller.do) || traveller.do === 'throw').toBe(false)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was just compared
      const { trail } = answer as Traveller
      expect(trail.map(([stage]) => stage)).toEqual(['first', 'together', 'last'])
      for (const [, pid] of trail) if (pid !== process.pid) proven.add(pid)
    }

    async function rage(): Promise<void> {
      const changes: Promise<unknown>[] = []
      while (performance.now() < end) {
        await sleep(40 + upTo(160))
        changes.push(Promise.resolve(pick(deeds)()))
      }
      await Promise.all(changes)
    }

    /** A new worker that is killed before it is ready spoils the change, which can be made again. */
    async function change(what: string, changing: Promise<void>): Promise<void> {
      try {
        await changing
        count(what)
      } catch (error) {
        expect(error).toMatchObject({ code: 'WORKER_START' })
        count(`not ${what}`)
      }
    }

    function pick<Element>(list: readonly Element[]): Element {
      const element = list[upTo(list.length)]
      if (element === undefined) throw new Error('an empty list')
      return element
    }

    function victim(): number | undefined {
      const alive = [...proven].filter((pid) => isAlive(pid))
      return alive.length === 0 ? undefined : pick(alive)
    }

    function signal(name: NodeJS.Signals): number | undefined {
      const pid = victim()
      try {
        if (pid !== undefined) process.kill(pid, name)
        count(name)
        return pid
      } catch {
        return undefined
      }
    }

    function checkAttempts(): void {
      const attempts = new Map<string, Set<string>>()
      const executions = new Map<string, number>()
      for (const line of readFileSync(log, 'utf8').trimEnd().split('\n')) {
        const [stage = '', id = '', attempt = ''] = line.split(' ')
        executions.set(stage, (executions.get(stage) ?? 0) + 1)
        const key = `${stage} ${id}`
        const seen = attempts.get(key) ?? new Set()
        // No attempt is made twice: then two workers would have had the same item.
        expect(seen, line).not.toContain(attempt)
        attempts.set(key, seen.add(attempt))
      }
      const { servlet } = server.metrics()
      for (const each of 'children' in servlet ? servlet.children : []) {
        if (each.kind !== 'process') continue
        const stage = each.name.toLowerCase()
        const items = [...attempts.keys()].filter((key) => key.startsWith(`${stage} `)).length
        const most = items + each.retried + each.evicted
        expect(executions.get(stage), stage).toBeLessThanOrEqual(most)
      }
    }
  },
  forMs + 60_000,
)
