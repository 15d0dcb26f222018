import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { initializeRing, ringMemoryBytes, SharedMemory } from '@mpservice/shared-memory'
import { type Host, startHost, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { notesBytes, openNotes } from './fixtures/ring-notes.js'

/** How long all the long runs take together; more of it finds more. */
export const soakMs = Number(process.env['MPSERVICE_SOAK_MS'] ?? 20_000)

/** Two rings in a block, one for each direction, for two processes that sleep on named pipes. */
export interface RingPair extends AsyncDisposable {
  readonly notes: ReturnType<typeof openNotes>
  /** Starts a fixture that is told where the rings are, and which of the sides it is. */
  start(fixture: string, facts: SideFacts): Promise<Host>
  /**
   * Waits until both sides have read more than now. Rejects when a process has ended, and when one
   * sleeps that nobody wakes.
   */
  waitForProgress(hosts: readonly Host[]): Promise<void>
  /** Lets both sides go on so long. */
  goOn(hosts: readonly Host[], durationMs: number): Promise<void>
}

/** What a fixture is told. */
interface SideFacts {
  readonly side: number
  /** For its random numbers. */
  readonly seed: number
  /** How many processes were this side before. */
  readonly life?: number
}

/** Makes the rings and the pipes. */
export async function openRingPair(options: { readonly capacityBytes: number }): Promise<RingPair> {
  const folder = await temporaryDirectory()
  await promisify(execFile)('mkfifo', [`${folder.path}/0`, `${folder.path}/1`])
  const ringBytes = ringMemoryBytes(options.capacityBytes)
  const block = SharedMemory.create(2 * ringBytes + notesBytes)
  for (const ring of [0, 1]) {
    initializeRing(block.buf.subarray(ring * ringBytes, (ring + 1) * ringBytes))
  }
  const notes = openNotes(block.buf.subarray(2 * ringBytes))
  const setup = { handle: block.handle, folder: folder.path, ringBytes }
  const waitForProgress = async (hosts: readonly Host[]): Promise<void> => {
    const before = [notes.progress(0), notes.progress(1)]
    const hasMoved = waitUntil(
      () => before.every((count, ring) => notes.progress(ring) !== count),
      { what: `both sides have read more than ${before.join(' and ')} times`, timeoutMs: 20_000 },
    )
    const hasEnded = Promise.race(hosts.map((host) => host.exited))
    const exit = await Promise.race([hasEnded, hasMoved])
    if (exit === undefined) return
    const errors = hosts.map((host) => host.stderr()).join('\n')
    throw new Error(`a side has ended (${JSON.stringify(exit)}): ${errors}`)
  }
  return {
    notes,
    start: (fixture, facts) =>
      startHost(new URL(`./fixtures/${fixture}`, import.meta.url), {
        args: [JSON.stringify({ ...setup, ...facts })],
        lifetimeMs: soakMs + 60_000,
      }),
    waitForProgress,
    goOn: async (hosts, durationMs) => {
      const deadline = performance.now() + durationMs
      do await waitForProgress(hosts)
      while (performance.now() < deadline)
    },
    [Symbol.asyncDispose]: async () => {
      block.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A seed that is another one each time. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31)
}
