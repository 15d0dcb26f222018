import { Pool, ProcessServlet } from '@mpservice/server'
import { ownVariant } from '../own/own-variant.ts'
import type { Variant } from '../variant.ts'

/** Our server with process servlets. */
export const variant: Variant = ownVariant(
  (workerClass, workers, options) => new ProcessServlet(workerClass, { cpus: workers, ...options }),
  (workers) => Pool.start({ processes: workers }),
)
