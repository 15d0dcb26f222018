import * as api from '@mpservice/server'
import { expect, test } from 'vitest'

test('the public names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "AsyncServlet",
      "EnsembleError",
      "EnsembleServlet",
      "NotImportableError",
      "PassThrough",
      "ProcessServlet",
      "SequentialServlet",
      "Server",
      "ServerBacklogFullError",
      "ServerClosedError",
      "ServerFailedError",
      "Servlet",
      "TimeoutError",
      "Worker",
      "WorkerCrashedError",
      "WorkerStartError",
      "isEnsembleError",
      "isMainModule",
      "isNotImportableError",
      "isServerBacklogFullError",
      "isServerClosedError",
      "isServerFailedError",
      "isTimeoutError",
      "isWorkerCrashedError",
      "isWorkerStartError",
      "makeWorker",
      "moduleRef",
    ]
  `)
})
