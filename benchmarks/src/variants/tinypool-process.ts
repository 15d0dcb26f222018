import { startTinypool } from '../peers/start-tinypool.ts'
import type { Variant } from '../variant.ts'

/** tinypool with child processes. */
export const variant: Variant = {
  start: (task, workers) => startTinypool(task, workers, 'child_process'),
}
