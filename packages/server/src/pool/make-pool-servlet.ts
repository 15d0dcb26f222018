import { moduleRef } from '@mpservice/contract'
import { checkOptions } from '@mpservice/process'
import { ProcessServlet } from '../process-servlet.ts'
import type { Servlet } from '../servlet.ts'
import { ThreadServlet } from '../thread-servlet.ts'
import type { Chunk, ChunkAnswer } from './chunk.ts'
import type { PoolOptions } from './pool-options.ts'

/**
 * Makes the servlet of a pool.
 *
 * @throws {TypeError} When there are both processes and threads, or neither, or there is no option of a
 *   name.
 * @throws {RangeError} When an option is no sensible number.
 */
export function makePoolServlet(options: PoolOptions): Servlet<Chunk, ChunkAnswer> {
  if (typeof options !== 'object' || options === null) throw noWorkers()
  const { processes, threads, ...rest } = { name: 'pool', ...options }
  if ((processes === undefined) === (threads === undefined)) throw noWorkers()
  // Where it is when this package is built.
  const module = new URL('./chunk-worker.js', import.meta.url)
  const worker = moduleRef<typeof import('./chunk-worker.ts')>(module).export('ChunkWorker')
  if (processes === undefined) {
    checkOptions(options, ['threads', 'resourceLimits', ...sharedNames], 'Pool.start')
    return new ThreadServlet(worker, { ...rest, threads })
  }
  checkOptions(options, ['processes', 'execArgv', ...sharedNames], 'Pool.start')
  return new ProcessServlet(worker, { ...rest, cpus: processes })
}

const sharedNames = ['name', 'startTimeoutMs', 'env', 'ringBytes', 'blockBytes'] as const

function noWorkers(): TypeError {
  return new TypeError('Pool.start takes either { processes } or { threads }, one of the two')
}
