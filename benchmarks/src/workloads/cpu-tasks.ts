import { once } from 'node:events'
import { Worker as NodeWorker } from 'node:worker_threads'
import { type Exchange, measureTraffic } from '../exchange.ts'
import { spin } from '../tasks.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'

const taskMs = 1
const workers = 2

/**
 * How much of two CPUs' work gets done by two workers with tasks of 1 ms: their tasks per second in
 * per cent of what two bare threads do that call the same function in a loop.
 *
 * A task is a fixed number of iterations, not a time, so that waiting for a CPU is not taken for
 * work. The bare threads run before and after, since a shared machine changes its speed.
 */
export const cpuTasks: Workload = {
  name: 'cpu',
  title: 'tasks of 1 ms on two workers, of what two bare threads do',
  unit: '%',
  better: 'higher',
  isComparable: true,
  async measure(variant, { seconds }) {
    const iterations = iterationsFor(taskMs)
    const before = await bareTasksPerSecond(iterations, seconds / 2)
    const { calls, elapsedMs } = await withPool(variant.start('spin', workers), (pool) =>
      measureTraffic(pool, spinsOf(iterations), 16, seconds),
    )
    const after = await bareTasksPerSecond(iterations, seconds / 2)
    const tasksPerSecond = (calls / elapsedMs) * 1000
    const bare = (before + after) / 2
    return {
      value: (tasksPerSecond / bare) * 100,
      details: { iterations, tasksPerSecond, bareTasksPerSecond: bare },
    }
  },
}

function spinsOf(iterations: number): Exchange {
  const result = spin(iterations)
  const isRight = (output: unknown): boolean => output === result
  return { inputFor: () => iterations, isRight, isExactlyRight: isRight }
}

/** The number of iterations that takes so long, the best of some tries. */
function iterationsFor(ms: number): number {
  const tried = 200_000
  let bestMs = Infinity
  for (let i = 0; i < 30; i++) {
    const startedAt = performance.now()
    spin(tried)
    bestMs = Math.min(bestMs, performance.now() - startedAt)
  }
  return Math.max(1, Math.round((tried / bestMs) * ms))
}

async function bareTasksPerSecond(iterations: number, seconds: number): Promise<number> {
  const program = new URL('./bare-spin-main.js', import.meta.url)
  const rates = Array.from({ length: workers }, async () => {
    const thread = new NodeWorker(program, { workerData: { iterations, seconds } })
    const [rate]: unknown[] = await once(thread, 'message')
    await thread.terminate()
    if (typeof rate !== 'number') throw new TypeError('a bare thread told no rate')
    return rate
  })
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0)
}
