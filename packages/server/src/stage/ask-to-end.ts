import { cleanupMs } from '../base-worker.ts'
import { frameKind, plainHeader } from '../channel/frame.ts'
import type { WorkerLink } from '../link/worker-link.ts'

/** How often a worker whose channel is full is told again that it is to end, in milliseconds. */
const retryMs = 5

/**
 * Asks a worker to finish, clean up and exit, and ends it when that takes more than 1.5 s. Gives what is
 * to be called when it has ended.
 */
export function askToEnd(link: WorkerLink, epoch: number): () => void {
  const stop = plainHeader(frameKind.stop, epoch)
  let isTold = false
  const tell = (): void => {
    isTold ||= link.tryStop(stop)
    link.flush(false)
  }
  tell()
  // What was withdrawn takes room until the worker has passed over it.
  const retry = setInterval(() => {
    if (!isTold) tell()
  }, retryMs)
  const timer = setTimeout(() => link.terminate(), cleanupMs)
  return () => {
    clearInterval(retry)
    clearTimeout(timer)
  }
}
