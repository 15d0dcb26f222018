import { fileURLToPath } from 'node:url'
import { FixedThreadPool } from 'poolifier'
import { poolifierPool } from '../peers/poolifier-pool.ts'
import type { Variant } from '../variant.ts'

const main = fileURLToPath(new URL('../peers/poolifier-thread-main.js', import.meta.url))

/** poolifier with worker threads. */
export const variant: Variant = {
  start: (task, workers) => poolifierPool(new FixedThreadPool(workers, main), task),
}
