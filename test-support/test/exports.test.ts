import * as api from '@mpservice/test-support'
import { expect, test } from 'vitest'

test('exports exactly these names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "checkLeaksAfterEach",
      "descendants",
      "folderClosedToOthers",
      "isAlive",
      "startHost",
      "temporaryDirectory",
      "waitUntil",
      "watchLeaks",
    ]
  `)
})
