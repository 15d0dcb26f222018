import * as api from '@mpservice/process'
import { expect, test } from 'vitest'

test('the public names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "Child",
      "NotImportableError",
      "Process",
      "ProcessExitError",
      "StartedWhileImportingError",
      "TimeoutError",
      "assertNotImporting",
      "checkCpus",
      "checkTimeoutMs",
      "cpuCount",
      "isMainModule",
      "isNotImportableError",
      "isProcessExitError",
      "isStartedWhileImportingError",
      "isTimeoutError",
      "launchChild",
      "maxChildFrameBytes",
      "moduleRef",
      "settleWithin",
      "startTimer",
      "whileImporting",
    ]
  `)
})
