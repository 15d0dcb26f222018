import { AsyncServlet, type Servlet } from '@mpservice/server'
import { Echo } from './workers.ts'

/** Makes, in the server's own thread, a servlet that gives back what it gets. */
export function makeEchoPipeline(): Servlet<unknown, unknown> {
  return new AsyncServlet(Echo)
}
makeEchoPipeline.module = import.meta.url
