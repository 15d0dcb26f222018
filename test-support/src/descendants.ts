import {
  type ProcessEntry,
  type ProcessId,
  readProcessEntry,
  readProcessTable,
  withCommandLine,
} from './process-table.ts'

/**
 * The processes that descend from a process (default: this one), children before grandchildren.
 *
 * Zombies are among them, marked as such. A process whose parent has died is nobody's descendant
 * any more: take the list before the parent dies, and ask `isAlive` of its entries afterwards.
 */
export function descendants(pid: number = process.pid): ProcessEntry[] {
  return descendantsIn(readProcessTable(), pid).map(withCommandLine)
}

/** The same, from a list of processes that was read before, and without command lines. */
export function descendantsIn(table: readonly ProcessEntry[], pid: number): ProcessEntry[] {
  const found: ProcessEntry[] = []
  let generation = new Set([pid])
  while (generation.size > 0) {
    const children = table.filter((entry) => generation.has(entry.parentPid))
    found.push(...children)
    generation = new Set(children.map((child) => child.pid))
  }
  return found
}

/**
 * Whether a process runs; a zombie does not.
 *
 * Given an entry of `descendants`, another process that has got the same pid later does not count.
 */
export function isAlive(process: number | ProcessId): boolean {
  const id = typeof process === 'number' ? { pid: process } : process
  const entry = readProcessEntry(id.pid)
  if (entry === undefined || entry.isZombie) return false
  return !('startTime' in id) || entry.startTime === id.startTime
}
