import { defaultMaxListeners, getMaxListeners, setMaxListeners } from 'node:events'

/**
 * Calls a listener when a signal that is not aborted yet is; gives what takes the listener away.
 *
 * A signal may be shared by many calls, of which Node would warn as of a leak.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  try {
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(manyListeners, signal)
  } catch {
    // It is of another make, or has no limit, which Node 20 cannot tell.
  }
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

const manyListeners = 1e9
