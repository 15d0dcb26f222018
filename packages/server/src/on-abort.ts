/**
 * Calls a listener when a signal that is not aborted yet is; gives what takes the listener away.
 *
 * A signal may be shared by many calls: with a listener of the signal for each, Node would warn as of a
 * leak, and look through all of them whenever one leaves.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = known.get(signal)
  if (listeners === undefined) {
    listeners = new AbortListeners(signal)
    known.set(signal, listeners)
  }
  return listeners.add(listener)
}

/** All who listen to one signal. */
class AbortListeners {
  readonly #signal: AbortSignal
  readonly #listeners = new Set<() => void>()
  readonly #callAll = (): void => {
    for (const listener of this.#listeners) listener()
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(listener: () => void): () => void {
    if (this.#listeners.size === 0) this.#signal.addEventListener('abort', this.#callAll)
    this.#listeners.add(listener)
    return () => this.#remove(listener)
  }

  #remove(listener: () => void): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size === 0) this.#signal.removeEventListener('abort', this.#callAll)
  }
}

const known = new WeakMap<AbortSignal, AbortListeners>()
