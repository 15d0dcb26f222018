import * as api from '@mpservice/contract'
import { expect, test } from 'vitest'

test('exports exactly these names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "ModuleExport",
      "ModuleRef",
      "MpserviceError",
      "NotImportableError",
      "TimeoutError",
      "UnsafePathError",
      "hasErrorCode",
      "importExport",
      "isMainModule",
      "isMpserviceError",
      "isNotImportableError",
      "isTimeoutError",
      "isUnsafePathError",
      "locateExport",
      "moduleRef",
    ]
  `)
})
