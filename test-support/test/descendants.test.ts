import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  checkLeaksAfterEach,
  descendants,
  isAlive,
  startHost,
  waitUntil,
} from '@mpservice/test-support'
import { expect, test } from 'vitest'

const family = new URL('fixtures/host-family.js', import.meta.url)

checkLeaksAfterEach()

test('finds children and grandchildren, with parent and command', async () => {
  await using host = await startHost(family, { args: ['2'] })
  const pids = (await host.nextLine()).split(' ').map(Number)
  const [parent, child, grandchild] = pids
  expect(descendants(parent)).toMatchObject([
    { pid: child, parentPid: parent, isZombie: false },
    { pid: grandchild, parentPid: child, isZombie: false },
  ])
  expect(descendants().map(({ pid }) => pid)).toEqual(pids)
  expect(descendants(parent)[1]?.command).toMatch(
    new RegExp(`node .*host-family\\.js 0 ${parent} ${child}$`),
  )
})

test('finds nothing below a process that is alone or gone', async () => {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  expect(descendants(child.pid)).toEqual([])
  expect(descendants()).toEqual([])
})

test('marks a zombie, which is not alive', async () => {
  await using host = await startHost(family, { args: ['1'] })
  const [, child = 0] = (await host.nextLine()).split(' ').map(Number)
  expect(isAlive(child)).toBe(true)
  host.kill('SIGSTOP') // It cannot notice the death of its child.
  process.kill(child, 'SIGKILL')
  await waitUntil(() => !isAlive(child), { what: 'the child is dead' })
  expect(descendants(host.pid)).toMatchObject([{ pid: child, isZombie: true }])
})

test('knows a process apart from an earlier one with the same pid', async () => {
  await using host = await startHost(family, { args: ['0'] })
  await host.nextLine()
  const entry = descendants().find(({ pid }) => pid === host.pid)
  expect(entry).toBeDefined()
  expect(isAlive({ pid: host.pid, startTime: entry?.startTime ?? '' })).toBe(true)
  expect(isAlive({ pid: host.pid, startTime: 'another time' })).toBe(false)
})

test('knows that this process is alive and that an unused pid is not', () => {
  expect(isAlive(process.pid)).toBe(true)
  expect(isAlive(2 ** 30)).toBe(false)
})
