import { Tinypool } from 'tinypool'
import type { TaskName } from '../tasks.ts'
import type { Pool } from '../variant.ts'

/** A tinypool pool whose workers are all started at once. */
export async function startTinypool(
  task: TaskName,
  workers: number,
  runtime: 'worker_threads' | 'child_process',
): Promise<Pool> {
  const pool = new Tinypool({
    filename: new URL('../tasks.js', import.meta.url).href,
    name: task,
    runtime,
    // For processes only: JSON, the default, does not carry bytes.
    serialization: 'advanced',
    minThreads: workers,
    maxThreads: workers,
  })
  return { call: (input) => pool.run(input), close: () => pool.destroy() }
}
