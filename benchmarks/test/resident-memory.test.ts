import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { residentBytes } from '../src/resident-memory.ts'

test('counts the memory of children and of their children', async () => {
  const before = residentBytes()
  // Each holds 100 MiB, and says so when it does.
  const inner = `Buffer.alloc(100 * 2 ** 20, 1); console.log('here'); setTimeout(() => {}, 2 ** 30)`
  const outer = `globalThis.held = Buffer.alloc(100 * 2 ** 20, 1)
    require('node:child_process').spawn(process.execPath, ['-e', 'globalThis.held = ' + ${JSON.stringify(inner)}], { stdio: 'inherit' })`
  const child = spawn(process.execPath, ['-e', outer], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    await once(child.stdout, 'data')
    expect(residentBytes() - before).toBeGreaterThan(200 * 2 ** 20)
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await once(child, 'exit')
  }
})
