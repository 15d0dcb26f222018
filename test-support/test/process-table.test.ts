import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parsePs, readProcessEntry, readProcessTable } from '../src/process-table.ts'

test('holds this process and its parent', () => {
  const table = readProcessTable()
  const own = table.find(({ pid }) => pid === process.pid)
  expect(own).toMatchObject({ parentPid: process.ppid, isZombie: false })
  expect(own).toEqual(readProcessEntry(process.pid))
})

test('gives a start time that does not change', () => {
  expect(readProcessEntry(process.pid)?.startTime).toMatch(/./)
  expect(readProcessEntry(process.pid)).toEqual(readProcessEntry(process.pid))
})

test('parses what ps prints', () => {
  const output = [
    '    1     0 Ss   Thu Nov 20 14:05:00 2025 /sbin/launchd',
    '  501     1 Z+   Sat Nov  1 09:00:59 2025 (node)',
    ' 9012   501 R+   Thu Nov 20 14:05:01 2025 /usr/local/bin/node --import tsx a (b).js',
    '',
  ].join('\n')
  expect(parsePs(output)).toEqual([
    {
      pid: 1,
      parentPid: 0,
      startTime: 'Thu Nov 20 14:05:00 2025',
      command: '/sbin/launchd',
      isZombie: false,
      isRunning: false,
    },
    {
      pid: 501,
      parentPid: 1,
      startTime: 'Sat Nov  1 09:00:59 2025',
      command: '(node)',
      isZombie: true,
      isRunning: false,
    },
    {
      pid: 9012,
      parentPid: 501,
      startTime: 'Thu Nov 20 14:05:01 2025',
      command: '/usr/local/bin/node --import tsx a (b).js',
      isZombie: false,
      isRunning: true,
    },
  ])
})

test('agrees with ps about this process', () => {
  const columns = ['pid=', 'ppid=', 'stat=', 'lstart=', 'args='].flatMap((name) => ['-o', name])
  const output = execFileSync('ps', ['-p', String(process.pid), ...columns], { encoding: 'utf8' })
  expect(parsePs(output)).toMatchObject([
    { pid: process.pid, parentPid: process.ppid, isZombie: false },
  ])
})
