import { MessageChannel } from 'node:worker_threads'
import { SharedMemory } from '@mpservice/shared-memory'
import { checkLeaksAfterEach, startHost } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

test('views are empty at last, when many more blocks were closed', () => {
  const views = Array.from({ length: 100 }, () => {
    const block = SharedMemory.create(100)
    const { buf } = block
    block.close()
    return buf
  })
  expect([views[0]?.length, views.at(-1)?.length]).toEqual([0, 100])
})

test('old views of a closed block read zeros, and what is written to them is lost', () => {
  using other = SharedMemory.create(1_000)
  const block = SharedMemory.attach(other.handle)
  block.buf.fill(7)
  const { buf } = block
  const words = new Int32Array(buf.buffer, 4, 2)
  const part = buf.subarray(500)
  block.close()
  expect(buf).toEqual(new Uint8Array(1_000))
  expect(words).toEqual(new Int32Array(2))
  expect(part).toEqual(new Uint8Array(500))
  buf.fill(8)
  Atomics.add(words, 0, 1)
  expect(other.buf).toEqual(new Uint8Array(1_000).fill(7))
})

test('old views of a closed block do not show the blocks that are created later', () => {
  const views = Array.from({ length: 30 }, () => {
    const block = SharedMemory.create(100_000)
    const { buf } = block
    buf.fill(1)
    block.close()
    using next = SharedMemory.create(100_000)
    next.buf.fill(2)
    return buf
  })
  for (const view of views) expect(view.every((byte) => byte === 0)).toBe(true)
})

// As in structuredClone, Node 20 copies such a buffer where it is to be transferred, later ones refuse.
test('the memory of a block cannot be transferred away in a message', () => {
  using block = SharedMemory.create(10)
  block.buf[0] = 1
  const { port1, port2 } = new MessageChannel()
  const { buffer } = block.buf
  if (!(buffer instanceof ArrayBuffer)) throw new Error('the buffer is a shared one')
  for (const send of [
    () => port1.postMessage(buffer, [buffer]),
    () => structuredClone(buffer, { transfer: [buffer] }),
  ]) {
    try {
      send()
    } catch (error) {
      expect(error).toMatchObject({ name: 'DataCloneError' })
    }
  }
  expect(block.buf).toEqual(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
  expect(block.buf.buffer).toBe(buffer)
  port1.close()
  port2.close()
})

test('a copy of the bytes in a message is a copy', () => {
  using block = SharedMemory.create(10)
  block.buf[0] = 1
  const copy = structuredClone(block.buf)
  block.buf[0] = 2
  expect(copy[0]).toBe(1)
  block.close()
  expect(copy[0]).toBe(1)
})

test.each([
  { scenario: 'afterManyMore', sees: { empty: true, views: 450 } },
  { scenario: 'inFlight', sees: { done: 300 } },
  {
    scenario: 'movedByStream',
    sees: { before: 0, moved: 5, again: 5, same: true, after: 0 },
  },
  { scenario: 'movedAfterClose', sees: { views: 40, seen: [1] } },
  { scenario: 'forgotten', sees: { during: 53, after: 3, view: 7, known: [0, 0], logged: 50 } },
  { scenario: 'returned', sees: { isBounded: true } },
])('no use of a view ends the program: $scenario', async ({ scenario, sees }) => {
  await using host = await startHost(new URL('./fixtures/old-views.js', import.meta.url), {
    args: [scenario],
    execArgv: ['--expose-gc'],
  })
  expect(await host.exited).toEqual({ code: 0, signal: null })
  expect(JSON.parse(await host.nextLine())).toEqual(sees)
})
