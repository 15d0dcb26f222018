import { checkLeaksAfterEach, startHost } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

test('fails the test that leaves something behind, and no other', async () => {
  await using host = await startHost(new URL('fixtures/runs-leaky-suite.js', import.meta.url))
  const results = []
  for await (const line of host.lines) results.push(JSON.parse(line))
  expect(results).toEqual([
    ['is clean', 'passed'],
    [
      'leaves a file open',
      'failed',
      'left behind after 100 ms:\n- 1 more open file (new: /dev/null)',
    ],
    ['is clean again', 'passed'],
  ])
})
