import { Piscina } from 'piscina'
import type { TaskName } from '../tasks.ts'
import type { Pool } from '../variant.ts'

/** A piscina pool whose workers are all started at once. */
export async function startPiscina(
  task: TaskName,
  workers: number,
  options: {
    readonly concurrentTasksPerWorker?: number
    readonly atomics?: 'sync' | 'async'
  },
): Promise<Pool> {
  const pool = new Piscina({
    filename: new URL('../tasks.js', import.meta.url).href,
    name: task,
    minThreads: workers,
    maxThreads: workers,
    ...options,
  })
  return { call: (input) => pool.run(input), close: () => pool.destroy() }
}
