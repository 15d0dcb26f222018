import { startWorkerpool } from '../peers/start-workerpool.ts'
import type { Variant } from '../variant.ts'

/** workerpool with child processes. */
export const variant: Variant = {
  start: (task, workers) => startWorkerpool(task, workers, 'process'),
}
