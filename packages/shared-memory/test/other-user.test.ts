import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isSharedMemoryAvailable, SharedMemory } from '@mpservice/shared-memory'
import { folderClosedToOthers, temporaryDirectory } from '@mpservice/test-support'
import { beforeEach, expect, test } from 'vitest'

const nobody = 65_534
const setpriv = '/usr/bin/setpriv'
const attempt = fileURLToPath(new URL('./fixtures/attempt.js', import.meta.url))

beforeEach(({ skip }) => {
  const closed = folderClosedToOthers(new URL(import.meta.url))
  const isRoot = process.getuid?.() === 0 && existsSync(setpriv)
  if (isRoot && closed === undefined) return
  console.warn(
    isRoot
      ? `SKIPPED: another user cannot run programs below ${closed}`
      : 'SKIPPED: only root can run a program as another user, with setpriv',
  )
  skip()
})

test('another user is refused by the kernel, by handle and by name', async () => {
  expect(isSharedMemoryAvailable()).toBe(true)
  using block = SharedMemory.create(10)
  const denied = {
    code: 'SHARED_MEMORY_DENIED',
    message: expect.stringMatching(
      `^the system does not let this process open /proc/${process.pid}/fd/`,
    ),
    available: true,
  }
  expect(await attemptAs(nobody, { attach: block.handle })).toEqual(denied)
  expect(await attemptAs(nobody, { open: block.name })).toEqual(denied)
  expect(await attemptAs(nobody, { create: 10 })).toEqual({ first: 0, available: true })
})

test('another user does not find a name, and can use it for a block of its own', async () => {
  await using runtime = await temporaryDirectory()
  chmodSync(runtime.path, 0o1777)
  process.env['MPSERVICE_RUNTIME_DIR'] = runtime.path
  using block = SharedMemory.create(10, { name: 'mine' })
  block.buf[0] = 1
  expect(await attemptAs(nobody, { open: 'mine' })).toMatchObject({
    code: 'SHARED_MEMORY_NOT_FOUND',
  })
  expect(await attemptAs(nobody, { create: 10, name: 'mine' })).toEqual({
    first: 0,
    available: true,
  })
  delete process.env['MPSERVICE_RUNTIME_DIR']
  block.close()
})

async function attemptAs(uid: number, what: object): Promise<unknown> {
  const ids = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups']
  const child = execFile(setpriv, [...ids, process.execPath, attempt, JSON.stringify(what)])
  const [output] = await Promise.all([child.stdout?.toArray(), once(child, 'exit')])
  return JSON.parse((output ?? []).join(''))
}
