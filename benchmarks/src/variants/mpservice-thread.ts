import { Pool, ThreadServlet } from '@mpservice/server'
import { ownVariant } from '../own/own-variant.ts'
import type { Variant } from '../variant.ts'

/** Our server with thread servlets. */
export const variant: Variant = ownVariant(
  (workerClass, workers, options) =>
    new ThreadServlet(workerClass, { threads: workers, ...options }),
  (workers) => Pool.start({ threads: workers }),
)
