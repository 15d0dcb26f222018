import { fileURLToPath } from 'node:url'
import { FixedClusterPool } from 'poolifier'
import { poolifierPool } from '../peers/poolifier-pool.ts'
import type { Variant } from '../variant.ts'

const main = fileURLToPath(new URL('../peers/poolifier-cluster-main.cjs', import.meta.url))
/** JSON, the default between processes, does not carry bytes. */
const settings = { serialization: 'advanced' } as const

/** poolifier with processes of `node:cluster`. */
export const variant: Variant = {
  start: (task, workers) => poolifierPool(new FixedClusterPool(workers, main, { settings }), task),
}
