import { startJestWorker } from '../peers/start-jest-worker.ts'
import type { Variant } from '../variant.ts'

/** jest-worker with worker threads. */
export const variant: Variant = {
  start: (task, workers) => startJestWorker(task, workers, { enableWorkerThreads: true }),
}
