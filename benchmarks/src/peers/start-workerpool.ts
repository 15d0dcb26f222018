import { fileURLToPath } from 'node:url'
import workerpool from 'workerpool'
import type { TaskName } from '../tasks.ts'
import type { Pool } from '../variant.ts'

/** A workerpool pool whose workers are all started at once. */
export async function startWorkerpool(
  task: TaskName,
  workers: number,
  workerType: 'thread' | 'process',
): Promise<Pool> {
  const pool = workerpool.pool(fileURLToPath(new URL('./workerpool-main.js', import.meta.url)), {
    workerType,
    minWorkers: workers,
    maxWorkers: workers,
    // JSON, the default between processes, does not carry bytes.
    forkOpts: { serialization: 'advanced' },
  })
  return { call: (input) => pool.exec(task, [input]), close: async () => pool.terminate() }
}
