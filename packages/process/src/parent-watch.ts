import { Worker as NodeWorker } from 'node:worker_threads'

/**
 * Ends this process as soon as its parent is gone, from a thread of its own, so that it works while
 * the main thread is busy.
 */
export function watchParent(parentPid: number): void {
  const thread = new NodeWorker(new URL('./parent-watch-main.js', import.meta.url), {
    name: 'mpservice-parent-watch',
    workerData: parentPid,
    execArgv: [],
    stdout: false,
    stderr: false,
  })
  thread.unref()
}
