import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ftruncateSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  isSharedMemoryAvailable,
  isSharedMemoryHandle,
  SharedMemory,
  SharedMemoryClosedError,
  SharedMemoryTooSmallError,
} from '@mpservice/shared-memory'
import { checkLeaksAfterEach, startHost } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

const holder = new URL('./fixtures/holder.js', import.meta.url)

test('memory can be shared on this system', () => {
  expect(isSharedMemoryAvailable()).toBe(true)
})

test('a new block has zeros, and its buffer is nothing but the block', () => {
  using block = SharedMemory.create(1_000)
  expect(block.sizeBytes).toBe(1_000)
  expect(block.buf).toEqual(new Uint8Array(1_000))
  expect(block.buf.byteOffset).toBe(0)
  expect(block.buf.buffer.byteLength).toBe(1_000)
  expect(block.buf).toBe(block.buf)
})

test.each([1, 7, 8, 4_096, 4_097, 1_000_003])('a block may have %d bytes', (sizeBytes) => {
  using block = SharedMemory.create(sizeBytes)
  block.buf[sizeBytes - 1] = 255
  using other = SharedMemory.attach(block.handle)
  expect(other.sizeBytes).toBe(sizeBytes)
  expect(other.buf.lastIndexOf(255)).toBe(sizeBytes - 1)
})

test('the largest block has 4 GiB', () => {
  using block = SharedMemory.create(2 ** 32)
  block.buf[2 ** 32 - 1] = 255
  using other = SharedMemory.attach(block.handle)
  expect([other.buf.length, other.buf.at(-1), other.buf[0]]).toEqual([2 ** 32, 255, 0])
})

test.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 32 + 1, 2 ** 53])(
  'no block has %d bytes',
  (sizeBytes) => {
    expect(() => SharedMemory.create(sizeBytes)).toThrow(
      new RangeError(`a block of shared memory has 1 to 2^32 bytes, not ${sizeBytes}`),
    )
  },
)

test('another process sees what is written, and the other way round', async () => {
  using block = SharedMemory.create(64)
  block.buf[0] = 42
  await using host = await startHost(holder, { args: [JSON.stringify({ attach: block.handle })] })
  const { first, name, handle } = JSON.parse(await host.nextLine())
  expect({ first, name }).toEqual({ first: 42, name: block.name })
  using again = SharedMemory.attach(handle)
  again.buf[1] = 43
  expect(block.buf[1]).toBe(43)
})

test('a block without a given name has one that opens it from any process', async () => {
  await using host = await startHost(holder, { args: [JSON.stringify({ create: 10, fill: 5 })] })
  const { name, handle } = JSON.parse(await host.nextLine())
  expect(isSharedMemoryHandle(handle)).toBe(true)
  using block = SharedMemory.open(name)
  expect({ name: block.name, bytes: block.buf }).toEqual({
    name,
    bytes: new Uint8Array(10).fill(5),
  })
})

test('a child that inherits the descriptor attaches to it', async () => {
  using block = SharedMemory.create(16)
  const handle = JSON.stringify(block.handle)
  const script = `
    import { SharedMemory } from '@mpservice/shared-memory'
    const block = SharedMemory.attach(${handle}, { fd: 3 })
    block.buf[2] = 9
    block.close()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit', block.fd],
  })
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(block.buf[2]).toBe(9)
})

test('children do not inherit the descriptor unless they are given it', async () => {
  using block = SharedMemory.create(16)
  expect(readlinkSync(`/proc/self/fd/${block.fd}`)).toBe('/memfd:mpservice (deleted)')
  const child = spawn('ls', ['-l', '/proc/self/fd'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks = await child.stdout.toArray()
  expect(String(Buffer.concat(chunks))).not.toMatch(/memfd/)
})

test('the size of a block cannot be changed by anybody', () => {
  using block = SharedMemory.create(10_000)
  for (const size of [0, 4_096, 1_000_000]) {
    expect(() => ftruncateSync(block.fd, size)).toThrow(expect.objectContaining({ code: 'EPERM' }))
  }
})

test('counts by several threads of several mappings are not lost', () => {
  using block = SharedMemory.create(8)
  using other = SharedMemory.attach(block.handle)
  const words = [block, other].map(({ buf }) => new Int32Array(buf.buffer))
  for (let count = 0; count < 1_000; count++) for (const view of words) Atomics.add(view, 1, 1)
  expect([...words[0]!]).toEqual([0, 2_000])
})

test('a closed block is refused by its name, as often as it is closed', () => {
  const block = SharedMemory.create(10)
  const { name } = block
  expect(block.isClosed).toBe(false)
  block.close()
  block.close()
  block[Symbol.dispose]()
  const error = new SharedMemoryClosedError({ block: name })
  expect(() => block.buf).toThrow(error)
  expect(() => block.handle).toThrow(error)
  expect(() => block.fd).toThrow(error)
  block.unlink()
  expect({ name: block.name, sizeBytes: block.sizeBytes, isClosed: block.isClosed }).toEqual({
    name,
    sizeBytes: 10,
    isClosed: true,
  })
})

test('a block that is smaller than needed is refused', () => {
  using block = SharedMemory.create(10)
  expect(() => SharedMemory.open(block.name, { minSizeBytes: 11 })).toThrow(
    new SharedMemoryTooSmallError({ block: block.name, sizeBytes: 10, minSizeBytes: 11 }),
  )
  SharedMemory.open(block.name, { minSizeBytes: 10 }).close()
})

test('many blocks can be open at the same time', () => {
  const blocks = Array.from({ length: 200 }, (_, index) => {
    const block = SharedMemory.create(5_000)
    block.buf.fill(index)
    return block
  })
  expect(blocks.map(({ buf }) => buf[4_999])).toEqual(blocks.map((_, index) => index % 256))
  for (const block of blocks) block.close()
})
