import { Worker as NodeWorker } from 'node:worker_threads'
import { type RawLink, type RawLinkEvents, RawPool } from '../raw/raw-pool.ts'
import type { TaskName } from '../tasks.ts'
import type { Variant } from '../variant.ts'

/** Worker threads and `postMessage`, one message for each call. */
export const variant: Variant = {
  start: async (task, workers) => new RawPool(workers, 1, (events) => openLink(task, events)),
}

function openLink(task: TaskName, { onAnswer, onEnd }: RawLinkEvents): RawLink {
  const main = new URL('../raw/raw-thread-main.js', import.meta.url)
  const thread = new NodeWorker(main, { workerData: task })
  thread.on('message', onAnswer)
  thread.once('exit', onEnd)
  return {
    post: (input) => thread.postMessage(input),
    close: () => thread.terminate(),
  }
}
