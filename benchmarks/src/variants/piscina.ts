import { startPiscina } from '../peers/start-piscina.ts'
import type { Variant } from '../variant.ts'

/** piscina as it comes. */
export const variant: Variant = {
  start: (task, workers) => startPiscina(task, workers, {}),
}
