import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { SharedMemory } from '@mpservice/shared-memory'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

test('a thread attaches to a block of another thread', async () => {
  using block = SharedMemory.create(8)
  block.buf[0] = 1
  const thread = start(block, 'close')
  expect(await thread.message).toEqual([1])
  expect(await thread.exit).toEqual([0])
  expect(block.buf[1]).toBe(2)
})

test.each(['exit', 'stay'])(
  'a thread that ends without closing takes its descriptor with it: %s',
  async (ends) => {
    using block = SharedMemory.create(8)
    const thread = start(block, ends)
    await thread.message
    if (ends === 'stay') await thread.worker.terminate()
    await thread.exit
    expect(block.buf[1]).toBe(2)
  },
)

interface Thread {
  readonly worker: Worker
  readonly message: Promise<unknown[]>
  readonly exit: Promise<unknown[]>
}

function start(block: SharedMemory, ends: string): Thread {
  const worker = new Worker(new URL('./fixtures/thread.js', import.meta.url), {
    workerData: { handle: block.handle, ends },
  })
  // Where this thread gets no processor for a while, both events come without a pause between them.
  return { worker, message: once(worker, 'message'), exit: once(worker, 'exit') }
}
