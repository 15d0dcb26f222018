import * as api from '@mpservice/remote-exception'
import { expect, test } from 'vitest'

test('exports exactly these names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "ExceptionNameTakenError",
      "MalformedExceptionError",
      "NotCarriedError",
      "RemoteException",
      "RemoteTraceback",
      "decodeException",
      "describeOrigin",
      "encodeException",
      "getRemoteTraceback",
      "isExceptionNameTakenError",
      "isMalformedExceptionError",
      "isNotCarriedError",
      "isRemoteException",
      "isRemoteExceptionWrapper",
      "isRemoteTraceback",
      "registerException",
    ]
  `)
})
