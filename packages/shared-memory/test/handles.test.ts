import { once } from 'node:events'
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import {
  isSharedMemoryHandle,
  type MemfdHandle,
  SharedMemory,
  SharedMemoryHandleError,
  SharedMemoryMismatchError,
  SharedMemoryNotFoundError,
} from '@mpservice/shared-memory'
import { checkLeaksAfterEach, startHost, temporaryDirectory } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'

checkLeaksAfterEach()

test('a handle is plain data that survives JSON', () => {
  using block = SharedMemory.create(100)
  const { handle } = block
  expect(handle).toEqual({
    kind: 'memfd',
    pid: process.pid,
    fd: block.fd,
    inode: expect.any(Number),
    sizeBytes: 100,
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
  using other = SharedMemory.attach(JSON.parse(JSON.stringify(handle)))
  expect(other.handle).toEqual({ ...handle, fd: other.fd })
  expect(other.fd).not.toBe(block.fd)
})

test.each([
  undefined,
  null,
  7,
  'memfd:1:2:3:4:5',
  {},
  { kind: 'memfd' },
  { kind: 'memfd', pid: 1, fd: 2, inode: 3, sizeBytes: 0, nonce: '0'.repeat(32) },
  { kind: 'memfd', pid: 1, fd: 2, inode: 3, sizeBytes: 4, nonce: '0'.repeat(31) },
  { kind: 'memfd', pid: '1/../2', fd: 2, inode: 3, sizeBytes: 4, nonce: '0'.repeat(32) },
  { kind: 'memfd', pid: 1, fd: -2, inode: 3, sizeBytes: 4, nonce: '0'.repeat(32) },
  { kind: 'memfd', pid: 1, fd: 2, inode: 3.5, sizeBytes: 4, nonce: '0'.repeat(32) },
  { kind: 'memfd', pid: 1, fd: 2, inode: 3, sizeBytes: 2 ** 32 + 1, nonce: '0'.repeat(32) },
  { kind: 'shm', path: '/etc/passwd', sizeBytes: 4, nonce: '0'.repeat(32) },
  { kind: 'file', path: '/mps-1', sizeBytes: 4, nonce: '0'.repeat(32) },
])('%j is no handle', (value) => {
  expect(isSharedMemoryHandle(value)).toBe(false)
  // @ts-expect-error Data of another process may be anything.
  expect(() => SharedMemory.attach(value)).toThrow(SharedMemoryHandleError)
})

test('a handle of another system is refused, even with a descriptor', () => {
  using block = SharedMemory.create(100)
  const { sizeBytes, nonce } = block.handle
  const handle = { kind: 'shm', path: '/mps-1', sizeBytes, nonce } as const
  expect(isSharedMemoryHandle(handle)).toBe(true)
  expect(() => SharedMemory.attach(handle)).toThrow(SharedMemoryHandleError)
  expect(() => SharedMemory.attach(handle, { fd: block.fd })).toThrow(SharedMemoryHandleError)
})

describe('a handle whose block is not there any more', () => {
  test('is refused when its process has closed the block', () => {
    const block = SharedMemory.create(100)
    const { handle, fd } = block
    block.close()
    const error = new SharedMemoryNotFoundError({ block: `/proc/${process.pid}/fd/${fd}` })
    expect(() => SharedMemory.attach(handle)).toThrow(error)
    expect(() => SharedMemory.open(block.name)).toThrow(error)
  })

  test('is refused when its process has ended', async () => {
    const host = await startHost(new URL('./fixtures/holder.js', import.meta.url), {
      args: [JSON.stringify({ create: 100 })],
    })
    const { handle } = JSON.parse(await host.nextLine())
    host.kill('SIGKILL')
    await host.exited
    expect(() => SharedMemory.attach(handle)).toThrow(SharedMemoryNotFoundError)
    await host[Symbol.asyncDispose]()
  })

  test('is refused when its pid was used again', async () => {
    using block = SharedMemory.create(100)
    await using host = await startHost(new URL('./fixtures/holder.js', import.meta.url), {
      args: [JSON.stringify({ create: 100 })],
    })
    const { handle: other } = JSON.parse(await host.nextLine())
    const reused = { ...memfd(block), pid: other.pid }
    // Descriptors of that process: standard streams, what Node opens, another block, none.
    for (const fd of [0, 1, 2, 5, 10, other.fd, other.fd + 1, 10_000]) {
      expect(() => SharedMemory.attach({ ...reused, fd })).toThrow(
        /^(no process of this user holds|what is at .* is not the block of the handle)/,
      )
    }
  })

  test('is refused when its descriptor is another block of the same size', () => {
    using block = SharedMemory.create(100)
    using other = SharedMemory.create(100)
    expect(() => SharedMemory.attach({ ...memfd(block), fd: other.fd })).toThrow(
      mismatch(other.fd, 'inode'),
    )
  })

  test('is refused when its descriptor is a block in the place of the old one', () => {
    using block = SharedMemory.create(100)
    const handle = { ...memfd(block), nonce: 'ab'.repeat(16) }
    expect(() => SharedMemory.attach(handle)).toThrow(mismatch(block.fd, 'nonce'))
  })

  test.each([
    { sizeBytes: 99, property: 'label' as const },
    { sizeBytes: 1, property: 'size' as const },
    { sizeBytes: 105, property: 'size' as const },
    { sizeBytes: 2 ** 32, property: 'size' as const },
  ])('is refused when it says $sizeBytes bytes instead of 100', ({ sizeBytes, property }) => {
    using block = SharedMemory.create(100)
    expect(() => SharedMemory.attach({ ...memfd(block), sizeBytes })).toThrow(
      mismatch(block.fd, property),
    )
  })

  test('is refused when its descriptor is a device', () => {
    using block = SharedMemory.create(100)
    const fd = openSync('/dev/zero', 'r+')
    expect(() => SharedMemory.attach({ ...memfd(block), fd })).toThrow(mismatch(fd, 'kind'))
    closeSync(fd)
  })

  test('is refused when its descriptor is a socket', async () => {
    await using folder = await temporaryDirectory()
    using block = SharedMemory.create(100)
    const server = createServer((connection) => connection.end())
    await once(server.listen(`${folder.path}/s`), 'listening')
    const socket = connect(`${folder.path}/s`)
    await once(socket, 'connect')
    for (let fd = 3; fd < 60; fd++) {
      if (fd === block.fd) continue
      expect(() => SharedMemory.attach({ ...memfd(block), fd })).toThrow(
        /^(no process of this user holds|what is at .* is not the block of the handle)/,
      )
    }
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  test('is refused when its descriptor is memory that could get smaller', () => {
    using block = SharedMemory.create(100)
    for (const parent of ['/dev/shm', '/tmp']) {
      const folder = mkdtempSync(`${parent}/mps-test-`)
      const fd = openSync(`${folder}/file`, 'w+')
      writeSync(fd, Buffer.alloc(136))
      const handle = { ...memfd(block), fd, inode: fstatSync(fd).ino }
      expect(() => SharedMemory.attach(handle)).toThrow(mismatch(fd, 'seals'))
      closeSync(fd)
      rmSync(folder, { recursive: true })
    }
  })
})

describe('an inherited descriptor', () => {
  test('is checked as any other one, and stays open when it is refused', () => {
    using block = SharedMemory.create(100)
    const fd = openSync('/dev/null', 'r')
    expect(() => SharedMemory.attach(block.handle, { fd })).toThrow(
      new SharedMemoryMismatchError({ block: `/proc/self/fd/${fd}`, property: 'kind' }),
    )
    closeSync(fd)
    expect(() => SharedMemory.attach(block.handle, { fd: 10_000 })).toThrow(
      new SharedMemoryNotFoundError({ block: '/proc/self/fd/10000' }),
    )
  })

  test('belongs to the block once it is attached', () => {
    using block = SharedMemory.create(100)
    const fd = openSync(`/proc/self/fd/${block.fd}`, 'r+')
    const other = SharedMemory.attach(block.handle, { fd })
    expect(other.fd).toBe(fd)
    other.close()
    expect(() => closeSync(fd)).toThrow(expect.objectContaining({ code: 'EBADF' }))
  })
})

function memfd(block: SharedMemory): MemfdHandle {
  if (block.handle.kind !== 'memfd') throw new Error('this is a test for Linux')
  return block.handle
}

function mismatch(
  fd: number,
  property: SharedMemoryMismatchError['property'],
): SharedMemoryMismatchError {
  return new SharedMemoryMismatchError({ block: `/proc/${process.pid}/fd/${fd}`, property })
}
