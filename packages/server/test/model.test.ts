import { Server, type StageInfo } from '@mpservice/server'
import { checkLeaksAfterEach, watchLeaks, waitUntil } from '@mpservice/test-support'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { capacities, ProgramRunner, programs } from './model-program.ts'
import { servletOf, trees } from './model-tree.ts'

checkLeaksAfterEach()

/** Printed when a run fails, with the seed; give it to see the same trees and programs again. */
const seed = process.env['MPSERVICE_MODEL_SEED']
const numRuns = Number(process.env['MPSERVICE_MODEL_RUNS'] ?? 15)

const scenarios = fc.record({
  tree: trees,
  capacity: capacities,
  programs: fc.array(programs(true), { minLength: 6, maxLength: 12 }),
  last: programs(false),
  end: fc.constantFrom('close', 'kill', 'close, then kill'),
})

test(
  'whatever is asked of whichever servlets, each call settles with its own answer',
  async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async ({ tree, capacity, programs: all, last, end }) => {
        const leaks = watchLeaks()
        const gauge = new Gauge()
        const server = await Server.start(servletOf(tree, gauge), { capacity })
        const runner = new ProgramRunner(server, tree)
        try {
          for (const steps of all) {
            await runner.run(steps)
            await waitUntil(() => server.backlog === 0, { what: 'nothing is in progress' })
            expect(server.debugInfo().waiting).toBe(0)
            expect(runner.faults).toEqual([])
          }
          expect(server.state).toBe('open')
          // Node leaves files open when it ends a thread that is just loading its modules.
          await waitUntil(() => isWhole(server.debugInfo().servlet), {
            what: 'all workers are ready',
          })
          runner.expectEnd()
          const running = runner.run(last.filter(({ kind }) => kind !== 'turns'))
          await Promise.all([endServer(server, end), running])
          expect(runner.faults).toEqual([])
          // Nobody can stop what is on the event loop and nobody waits for.
          await waitUntil(() => server.backlog === 0, { what: 'the last item has left' })
          expect(gauge.most).toBeLessThanOrEqual(runner.largestCapacity)
        } finally {
          await server.kill()
        }
        await leaks.expectNone()
      }),
      {
        numRuns,
        endOnFailure: true,
        ...(seed !== undefined && { seed: Number(seed) }),
      },
    )
  },
  60_000 + numRuns * 10_000,
)

function isWhole({ workers = [], children = [] }: StageInfo): boolean {
  return workers.every(({ state }) => state === 'ready') && children.every(isWhole)
}

async function endServer(server: Server<unknown, unknown>, end: string): Promise<void> {
  if (end === 'kill') return server.kill()
  const closing = server.close()
  if (end === 'close, then kill') await server.kill()
  await closing
}

/** How many calls the leaves on the event loop have worked on at once. */
class Gauge {
  most = 0
  readonly #calls = new Map<number, number>()

  enter(id: number): void {
    this.#calls.set(id, (this.#calls.get(id) ?? 0) + 1)
    this.most = Math.max(this.most, this.#calls.size)
  }

  leave(id: number): void {
    const left = (this.#calls.get(id) ?? 0) - 1
    if (left > 0) this.#calls.set(id, left)
    else this.#calls.delete(id)
  }
}
