import { startPiscina } from '../peers/start-piscina.ts'
import type { Variant } from '../variant.ts'

/** piscina with the options that make small tasks fastest. */
export const variant: Variant = {
  start: (task, workers) =>
    startPiscina(task, workers, { concurrentTasksPerWorker: 32, atomics: 'sync' }),
}
