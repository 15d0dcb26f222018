import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type FixedClusterPool, type FixedThreadPool, PoolEvents } from 'poolifier'
import type { TaskName } from '../tasks.ts'
import type { Pool } from '../variant.ts'

const maxCloseMs = 300

/** Waits until the workers of a new poolifier pool are ready. */
export async function poolifierPool(
  pool: FixedThreadPool | FixedClusterPool,
  task: TaskName,
): Promise<Pool> {
  if (pool.emitter !== undefined) await once(pool.emitter, PoolEvents.ready)
  return {
    call: (input) => pool.execute(input, task),
    // In 5.3.2 about one `destroy` in ten never settles, though the workers are gone: it waits for
    // the exit of a worker that has exited before. That shall not cost the figures before it.
    close: () => Promise.race([pool.destroy(), delay(maxCloseMs)]),
  }
}
