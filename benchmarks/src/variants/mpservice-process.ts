import { ProcessServlet, SequentialServlet, Server, type Servlet } from '@mpservice/server'
import { Echo, Increment, Spin } from '../own/workers.ts'
import type { TaskName } from '../tasks.ts'
import type { Pool, Variant } from '../variant.ts'

const workerClasses = { echo: Echo, increment: Increment, spin: Spin }

/** Our server with process servlets. */
export const variant: Variant = {
  start: (task, workers) => serve(servletFor(task, workers)),
  startPipeline: ([first, second, third]) =>
    serve(new SequentialServlet(servletFor(first, 1), servletFor(second, 1), servletFor(third, 1))),
}

function servletFor(task: TaskName, workers: number): Servlet<unknown, unknown> {
  return new ProcessServlet(workerClasses[task], { cpus: workers })
}

async function serve(servlet: Servlet<unknown, unknown>): Promise<Pool> {
  const server = await Server.start(servlet)
  return { call: (input) => server.call(input), close: () => server.close() }
}
