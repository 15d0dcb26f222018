import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cpuSeconds, parseDuration } from '../src/cpu-time.ts'

/** Uses so much CPU time, however long that takes. */
const burn = `while (process.cpuUsage().user + process.cpuUsage().system < 400_000) {}`

test('counts the CPU time of children and of their children', async () => {
  const before = cpuSeconds()
  const inner = `${burn}; console.log('here'); setTimeout(() => {}, 2 ** 30)`
  const outer = `${burn}
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: ['pipe', 'inherit', 'inherit'] })
    process.stdin.once('end', () => child.kill('SIGKILL'))
    process.stdin.resume()`
  const { child } = promisify(execFile)(process.execPath, ['-e', outer])
  if (child.stdout === null) throw new Error('the child has no stdout')
  const exited = once(child, 'exit')
  try {
    await once(child.stdout, 'data')
    expect(cpuSeconds() - before).toBeGreaterThan(0.7)
  } finally {
    child.stdin?.end()
    await exited
  }
})

test.runIf(process.platform === 'linux')('counts what children used that are gone', async () => {
  const before = cpuSeconds()
  await promisify(execFile)(process.execPath, ['-e', burn])
  expect(cpuSeconds() - before).toBeGreaterThan(0.35)
})

test('reads durations as ps writes them', () => {
  expect(['00:00:01', '0:00.25', '12:34.56', '2-03:04:05'].map(parseDuration)).toEqual([
    1, 0.25, 754.56, 183_845,
  ])
})
