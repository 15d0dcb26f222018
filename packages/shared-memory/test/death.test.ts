import { readdirSync, readFileSync } from 'node:fs'
import { SharedMemory } from '@mpservice/shared-memory'
import {
  checkLeaksAfterEach,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

const holder = new URL('./fixtures/holder.js', import.meta.url)
const blockBytes = 256 * 2 ** 20
/** Other programs use shared memory, too, but not nearly as much at once. */
const toleranceBytes = 96 * 2 ** 20

test('peers go on with a block whose creator was killed, and its memory goes with the last of them', async () => {
  const before = { bytes: sharedBytes(), entries: sharedEntries() }
  await using creator = await startHost(holder, {
    args: [JSON.stringify({ create: blockBytes, fill: 9 })],
  })
  const { handle } = JSON.parse(await creator.nextLine())
  const block = SharedMemory.attach(handle)
  await using peer = await startHost(holder, { args: [JSON.stringify({ attach: handle })] })
  const second = JSON.parse(await peer.nextLine())
  expect(second.first).toBe(9)
  expect(sharedBytes() - before.bytes).toBeGreaterThan(toleranceBytes)
  expect(sharedEntries()).toEqual(before.entries)

  creator.kill('SIGKILL')
  await creator.exited
  expect(block.buf[blockBytes - 1]).toBe(9)
  block.buf[0] = 10
  using again = SharedMemory.attach(second.handle)
  expect(again.buf[0]).toBe(10)
  again.close()
  block.close()
  expect(sharedBytes() - before.bytes).toBeGreaterThan(toleranceBytes)

  peer.kill('SIGKILL')
  await peer.exited
  await waitUntil(() => sharedBytes() - before.bytes < toleranceBytes, {
    what: 'the memory is free',
    timeoutMs: 2_000,
  })
  expect(sharedEntries()).toEqual(before.entries)
})

test('closing gives the memory back at once, though old views are in use', async () => {
  const before = sharedBytes()
  const block = SharedMemory.create(blockBytes)
  const { buf } = block
  buf.fill(1)
  expect(sharedBytes() - before).toBeGreaterThan(toleranceBytes)
  block.close()
  await waitUntil(() => sharedBytes() - before < toleranceBytes, {
    what: 'the memory is free',
    timeoutMs: 2_000,
  })
  expect(buf[0]).toBe(0)
})

test('processes that are killed while they use names disturb nobody', async () => {
  await using runtime = await temporaryDirectory()
  const start = () =>
    startHost(new URL('./fixtures/name-churn.js', import.meta.url), {
      env: { MPSERVICE_RUNTIME_DIR: runtime.path },
    })
  const hosts = await Promise.all([start(), start(), start()])
  try {
    for (let kills = 0; kills < 8; kills++) {
      const victim = hosts.shift()
      await victim?.line('started')
      await new Promise((resolve) => setTimeout(resolve, (kills * 13) % 50))
      victim?.kill('SIGKILL')
      expect(await victim?.exited).toEqual({ code: null, signal: 'SIGKILL' })
      await victim?.[Symbol.asyncDispose]()
      hosts.push(await start())
    }
    for (const host of hosts) await host.line('started')
    for (const host of hosts) host.kill('SIGTERM')
    for (const host of hosts) {
      expect({ exit: await host.exited, stderr: host.stderr() }).toEqual({
        exit: { code: 0, signal: null },
        stderr: '',
      })
    }
  } finally {
    for (const host of hosts) await host[Symbol.asyncDispose]()
  }
  await using last = await startHost(holder, {
    args: [JSON.stringify({ create: 8, name: 'last' })],
    env: { MPSERVICE_RUNTIME_DIR: runtime.path },
  })
  await last.nextLine()
  last.kill('SIGTERM')
  expect(await last.exited).toEqual({ code: 0, signal: null })
  expect(readdirSync(runtime.path)).toEqual([])
})

/** Without those that other tests make and remove meanwhile. */
function sharedEntries(): string[] {
  return readdirSync('/dev/shm').filter((name) => !name.startsWith('mps-test-'))
}

function sharedBytes(): number {
  const [, kilobytes] = /^Shmem:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1')) ?? []
  return Number(kilobytes) * 1_024
}
