import {
  type BatchOptions,
  EnsembleServlet,
  moduleRef,
  type Pool as WorkerPool,
  SequentialServlet,
  Server,
  type ServerOptions,
  type Servlet,
} from '@mpservice/server'
import type { TaskName } from '../tasks.ts'
import type { Pool, Variant } from '../variant.ts'
import { Echo, Increment, IncrementAll, Spin } from './workers.ts'

const incrementElsewhere = moduleRef<typeof import('../tasks.ts')>(
  new URL('../tasks.js', import.meta.url),
).export('increment')

const workerClasses = { echo: Echo, increment: Increment, spin: Spin }

/** The class whose workers do a task. */
type TaskWorkerClass = (typeof workerClasses)[TaskName]

/** Makes a servlet with so many workers. */
export type MakeServlet = (
  workerClass: TaskWorkerClass | typeof IncrementAll,
  workers: number,
  options: BatchOptions,
) => Servlet<unknown, unknown>

/** Our server with servlets of one kind, which know pipelines, ensembles, streams, batches and lists. */
export function ownVariant(
  makeServlet: MakeServlet,
  startPool: (workers: number) => Promise<WorkerPool>,
): Variant {
  const servletFor = (task: TaskName, workers: number): Servlet<unknown, unknown> =>
    makeServlet(workerClasses[task], workers, {})
  return {
    start: (task, workers) => serve(servletFor(task, workers)),
    startPipeline: ([first, second, third]) =>
      serve(
        new SequentialServlet(servletFor(first, 1), servletFor(second, 1), servletFor(third, 1)),
      ),
    startMap: async (workers) => {
      const pool = await startPool(workers)
      return { map: (inputs) => pool.map(incrementElsewhere, inputs), close: () => pool.close() }
    },
    startBatches: (_, workers, batchSize) =>
      serve(makeServlet(IncrementAll, workers, { batchSize }), { capacity: 10 * batchSize }),
    startEnsemble: (members) =>
      serve(new EnsembleServlet(members.map((task) => servletFor(task, 1)))),
    startStream: async (task, workers, ahead) => {
      const server = await Server.start(servletFor(task, workers), { capacity: ahead })
      return { stream: (inputs) => server.stream(inputs), close: () => server.close() }
    },
  }
}

async function serve(servlet: Servlet<unknown, unknown>, options?: ServerOptions): Promise<Pool> {
  const server = await Server.start(servlet, options)
  return { call: (input) => server.call(input), close: () => server.close() }
}
