import { SequentialServlet, Server, type Servlet } from '@mpservice/server'
import type { TaskName } from '../tasks.ts'
import type { Pool, Variant } from '../variant.ts'
import { Echo, Increment, Spin } from './workers.ts'

const workerClasses = { echo: Echo, increment: Increment, spin: Spin }

/** The class whose workers do a task. */
export type TaskWorkerClass = (typeof workerClasses)[TaskName]

/** Our server with servlets of one kind, which know pipelines. */
export function ownVariant(
  makeServlet: (workerClass: TaskWorkerClass, workers: number) => Servlet<unknown, unknown>,
): Variant {
  const servletFor = (task: TaskName, workers: number): Servlet<unknown, unknown> =>
    makeServlet(workerClasses[task], workers)
  return {
    start: (task, workers) => serve(servletFor(task, workers)),
    startPipeline: ([first, second, third]) =>
      serve(
        new SequentialServlet(servletFor(first, 1), servletFor(second, 1), servletFor(third, 1)),
      ),
  }
}

async function serve(servlet: Servlet<unknown, unknown>): Promise<Pool> {
  const server = await Server.start(servlet)
  return { call: (input) => server.call(input), close: () => server.close() }
}
