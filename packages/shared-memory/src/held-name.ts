import { getLogger } from '@logtape/logtape'
import { beforeExit } from './before-exit.ts'
import type { SharedMemoryHandle } from './block-handle.ts'
import { addName, type NameEntry, removeEntry } from './block-names.ts'
import type { SystemCalls } from './system-calls.ts'

/**
 * Gives a new block its name, or whatever entry it needs.
 *
 * @throws {SharedMemoryExistsError} When a process holds a block of this name.
 */
export function giveName(
  calls: SystemCalls,
  handle: SharedMemoryHandle,
  name: string | undefined,
): HeldName | undefined {
  // Where memory does not go with its last process, an entry says who may still have it.
  const entryName = handle.kind === 'shm' ? (name ?? `unnamed-${handle.nonce}`) : name
  if (entryName === undefined) return undefined
  return new HeldName(calls, addName(calls, entryName, handle))
}

/** A name that this process keeps for a block until it lets go of it or ends by itself. */
export class HeldName {
  readonly #calls: SystemCalls
  readonly #entry: NameEntry
  readonly #notBeforeExit: () => void
  #isReleased = false

  constructor(calls: SystemCalls, entry: NameEntry) {
    this.#calls = calls
    this.#entry = entry
    this.#notBeforeExit = beforeExit(() => this.release())
  }

  /** Takes the name away if no other process holds it; where that fails, others will do it later. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#notBeforeExit()
    try {
      removeEntry(this.#calls, this.#entry)
    } catch (error) {
      getLogger(['mpservice', 'shared-memory']).warn(
        'the entry of this process for the block {block} stays: {error}',
        { block: this.#entry.name, error },
      )
    }
  }
}
