import { execFile } from 'node:child_process'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { SharedMemorySystemError, waitForDoorbell } from '@mpservice/shared-memory'
import {
  checkLeaksAfterEach,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

const waiter = new URL('./fixtures/doorbell-waiter.js', import.meta.url)

test('a byte in a pipe ends the wait, and stays there', async () => {
  await using pipe = await openPipe()
  expect(waitForDoorbell(pipe.readEnd, 0)).toBe(false)
  writeSync(pipe.writeEnd, 'a')
  expect([waitForDoorbell(pipe.readEnd, 0), waitForDoorbell(pipe.readEnd, 60_000)]).toEqual([
    true,
    true,
  ])
  expect(readSync(pipe.readEnd, Buffer.alloc(10))).toBe(1)
  expect(waitForDoorbell(pipe.readEnd, 1)).toBe(false)
})

test('an end of the pipe that is closed ends the wait', async () => {
  await using pipe = await openPipe()
  pipe.closeWriteEnd()
  expect(waitForDoorbell(pipe.readEnd, 60_000)).toBe(true)
})

test('a doorbell that another process rings ends the wait', async () => {
  await using pipe = await openPipe()
  await using host = await startHost(waiter, { args: [pipe.path] })
  await host.line('waiting')
  writeSync(pipe.writeEnd, 'a')
  await host.line('true')
  expect(await host.exited).toEqual({ code: 0, signal: null })
})

test('a signal ends the wait', async () => {
  await using pipe = await openPipe()
  await using host = await startHost(waiter, { args: [pipe.path] })
  await host.line('waiting')
  let hasEnded = false
  const outcome = host.line('false').finally(() => (hasEnded = true))
  // The first one may come before it waits.
  await waitUntil(() => hasEnded || (host.kill('SIGUSR2'), false), { what: 'the wait has ended' })
  await outcome
  expect(await host.exited).toEqual({ code: 0, signal: null })
})

test('a descriptor that is not open is refused', async () => {
  const fd = openSync('/dev/null', 'r')
  closeSync(fd)
  const error = new SharedMemorySystemError({ syscall: 'poll', reason: 'EBADF' })
  expect(() => waitForDoorbell(fd, 60_000)).toThrow(error)
})

test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 31])(
  '%d is neither a descriptor nor a time',
  (value) => {
    expect(() => waitForDoorbell(value, 0)).toThrow(new RangeError(`${value} is no descriptor`))
    expect(() => waitForDoorbell(0, value)).toThrow(new RangeError(`nothing waits for ${value} ms`))
  },
)

interface Pipe extends AsyncDisposable {
  readonly path: string
  readonly readEnd: number
  readonly writeEnd: number
  closeWriteEnd(): void
}

async function openPipe(): Promise<Pipe> {
  const folder = await temporaryDirectory()
  const path = `${folder.path}/pipe`
  await promisify(execFile)('mkfifo', [path])
  // Open at both ends for a moment: neither end can be opened alone without waiting for the other.
  const both = openSync(path, 'r+')
  const [readEnd, writeEnd] = [openSync(path, 'r'), openSync(path, 'w')]
  closeSync(both)
  const open = new Set([readEnd, writeEnd])
  const close = (fd: number): void => {
    if (open.delete(fd)) closeSync(fd)
  }
  return {
    path,
    readEnd,
    writeEnd,
    closeWriteEnd: () => close(writeEnd),
    [Symbol.asyncDispose]: async () => {
      for (const fd of open) close(fd)
      await folder[Symbol.asyncDispose]()
    },
  }
}
