import { startWorkerpool } from '../peers/start-workerpool.ts'
import type { Variant } from '../variant.ts'

/** workerpool with worker threads. */
export const variant: Variant = {
  start: (task, workers) => startWorkerpool(task, workers, 'thread'),
}
