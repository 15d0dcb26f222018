import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './descendants.ts'
import {
  compareSnapshots,
  type LeakSnapshot,
  leftOverProcesses,
  takeSnapshot,
} from './leak-snapshot.ts'
import { markOwnProcesses } from './marked-processes.ts'
import type { ProcessEntry } from './process-table.ts'
import { signalIfThere } from './signal-if-there.ts'
import { recordTimers } from './timer-record.ts'

/** What this process held when the watch began, to compare with later. Made by `watchLeaks`. */
export interface LeakWatch {
  /** What this process holds now and did not hold then: one phrase for each difference. */
  differences(): string[]
  /**
   * Waits until nothing is held that was not held then, and ends the watch.
   *
   * @throws {Error} When something is still held after `timeoutMs` (default 2000); the message lists
   *   each difference. Processes that are left over are killed then, so that they burden no other
   *   test.
   */
  expectNone(options?: { readonly timeoutMs?: number | undefined }): Promise<void>
}

/**
 * Records what this process holds before a test, so that what the test leaves behind is found.
 *
 * Recorded are open descriptors by kind, descendants (and on Linux those that have lost their
 * parent), active resources by kind, each timer that is started from now on, listeners of `process`,
 * and blocks in /dev/shm that are ours. Holding less than before is no leak. Tests that run at the
 * same time in one process see each other's.
 */
export function watchLeaks(): LeakWatch {
  markOwnProcesses()
  const timers = recordTimers()
  const before = takeSnapshot()
  const compare = (after: LeakSnapshot): string[] => [
    ...compareSnapshots(before, after),
    ...timers.active().map((delay) => `1 more active Timeout (${delay})`),
  ]
  return {
    differences: () => compare(takeSnapshot()),
    expectNone: async ({ timeoutMs = 2000 } = {}) => {
      try {
        await poll(timeoutMs, () => {
          const after = takeSnapshot()
          return { differences: compare(after), leftOver: leftOverProcesses(before, after) }
        })
      } finally {
        timers.stop()
      }
    },
  }
}

async function poll(
  timeoutMs: number,
  look: () => { differences: string[]; leftOver: ProcessEntry[] },
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (let delayMs = 5; ; delayMs = Math.min(delayMs * 2, 100)) {
    const isLast = performance.now() >= deadline
    const { differences, leftOver } = look()
    if (differences.length === 0) return
    if (isLast) {
      for (const entry of leftOver) if (isAlive(entry)) signalIfThere(entry.pid, 'SIGKILL')
      throw new Error(`left behind after ${timeoutMs} ms:\n- ${differences.join('\n- ')}`)
    }
    await sleep(Math.max(0, Math.min(delayMs, deadline - performance.now())))
  }
}
