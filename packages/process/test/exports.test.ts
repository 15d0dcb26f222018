import * as api from '@mpservice/process'
import { expect, test } from 'vitest'

test('the public names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "Child",
      "EncodeError",
      "NotImportableError",
      "Process",
      "ProcessExitError",
      "RemoteException",
      "StartedWhileImportingError",
      "TimeoutError",
      "assertNotImporting",
      "checkCpus",
      "checkOptions",
      "checkTimeoutMs",
      "cpuCount",
      "firstInheritedDescriptor",
      "isEncodeError",
      "isMainModule",
      "isNotImportableError",
      "isProcessExitError",
      "isStartedWhileImportingError",
      "isTimeoutError",
      "launchChild",
      "maxChildFrameBytes",
      "moduleRef",
      "registerException",
      "settleWithin",
      "startTimer",
      "whileImporting",
    ]
  `)
})
