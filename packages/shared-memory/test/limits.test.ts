import { existsSync } from 'node:fs'
import { startHost } from '@mpservice/test-support'
import { beforeEach, expect, test } from 'vitest'

beforeEach(({ skip }) => {
  if (existsSync('/usr/bin/prlimit')) return
  console.warn('SKIPPED: prlimit of util-linux is not installed')
  skip()
})

test.each([
  {
    what: 'descriptors',
    limit: 'nofile',
    expected: { code: 'SHARED_MEMORY_SYSTEM', reason: 'EMFILE' },
  },
  {
    what: 'addresses',
    limit: 'as',
    expected: { code: 'SHARED_MEMORY_SYSTEM', syscall: 'mmap', reason: 'ENOMEM' },
  },
])('a process that runs out of $what is told so, and goes on', async ({ limit, expected }) => {
  await using host = await startHost(new URL('./fixtures/runs-out.js', import.meta.url), {
    args: [limit],
  })
  expect(await host.exited).toEqual({ code: 0, signal: null })
  const outcome = JSON.parse(await host.nextLine())
  expect(outcome.failure).toMatchObject(expected)
  expect(outcome).toMatchObject({ leakedDescriptors: 0, works: 1 })
})
