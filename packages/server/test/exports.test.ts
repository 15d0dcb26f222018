import * as api from '@mpservice/server'
import { expect, test } from 'vitest'

test('the public names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "AsyncServlet",
      "BaseWorker",
      "BatchResultError",
      "BatchWorker",
      "EncodeError",
      "EnsembleError",
      "EnsembleServlet",
      "NotImportableError",
      "PassThrough",
      "Pool",
      "ProcessServlet",
      "RemoteException",
      "SequentialServlet",
      "Server",
      "ServerBacklogFullError",
      "ServerClosedError",
      "ServerFailedError",
      "Servlet",
      "SwitchServlet",
      "ThreadServlet",
      "TimeoutError",
      "Worker",
      "WorkerCrashedError",
      "WorkerServlet",
      "WorkerStartError",
      "isBatchResultError",
      "isEncodeError",
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
      "registerException",
    ]
  `)
})
