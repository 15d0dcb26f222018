import { startTinypool } from '../peers/start-tinypool.ts'
import type { Variant } from '../variant.ts'

/** tinypool with worker threads. */
export const variant: Variant = {
  start: (task, workers) => startTinypool(task, workers, 'worker_threads'),
}
