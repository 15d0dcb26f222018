import { descendantsIn } from './descendants.ts'
import { readDescriptors } from './descriptors.ts'
import { markedIn } from './marked-processes.ts'
import { type ProcessEntry, readProcessTable, withCommandLine } from './process-table.ts'
import { readSharedMemoryEntries, withoutForeignEntries } from './shared-memory-entries.ts'

/** What this process holds at one moment and could leave behind, apart from timers. */
export interface LeakSnapshot {
  /** What is counted, by kind: for each thing of that kind what tells it from the others. */
  readonly counted: ReadonlyMap<string, readonly string[]>
  readonly processes: readonly ProcessEntry[]
  readonly sharedMemory: readonly string[]
}

/** Records what this process holds now. */
export function takeSnapshot(): LeakSnapshot {
  const table = readProcessTable()
  const family = descendantsIn(table, process.pid)
  const pids = new Set(family.map(({ pid }) => pid))
  const orphans = markedIn(table).filter(({ pid }) => !pids.has(pid))
  return {
    counted: count(),
    processes: [...family, ...orphans].map(withCommandLine),
    sharedMemory: readSharedMemoryEntries(),
  }
}

/** What is held after and was not before: one phrase for each difference. */
export function compareSnapshots(before: LeakSnapshot, after: LeakSnapshot): string[] {
  const ours = new Set([process.pid, ...after.processes.map(({ pid }) => pid)])
  const blocks = after.sharedMemory.filter((name) => !before.sharedMemory.includes(name))
  return [
    ...leftOverProcesses(before, after).map(describeProcess),
    ...[...after.counted].flatMap(([kind, names]) => {
      const known = before.counted.get(kind) ?? []
      const more = names.length - known.length
      if (more <= 0) return []
      const fresh = without(names, known).filter((name) => name !== '')
      return [`${more} more ${kind}${fresh.length > 0 ? ` (new: ${fresh.join(', ')})` : ''}`]
    }),
    ...withoutForeignEntries(blocks, ours).map((name) => `shared memory block ${name}`),
  ]
}

/** The processes that are there after and were not before. */
export function leftOverProcesses(before: LeakSnapshot, after: LeakSnapshot): ProcessEntry[] {
  const known = new Set(before.processes.map(identify))
  return after.processes.filter((entry) => !known.has(identify(entry)))
}

// Each known name takes away one of the names that are equal to it.
function without(names: readonly string[], known: readonly string[]): string[] {
  const rest = [...names]
  for (const name of known) {
    const index = rest.indexOf(name)
    if (index >= 0) rest.splice(index, 1)
  }
  return rest
}

function count(): Map<string, string[]> {
  const counted = new Map<string, string[]>()
  const add = (kind: string, name: string): void => {
    counted.set(kind, [...(counted.get(kind) ?? []), name])
  }
  for (const { kind, target } of readDescriptors()) add(`open ${kind}`, target)
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== 'Timeout') add(`active ${kind}`, '')
  }
  for (const event of process.eventNames()) {
    const listeners = process.listenerCount(event)
    for (let i = 0; i < listeners; i++) add(`listener of process for ${String(event)}`, '')
  }
  return counted
}

function describeProcess({ pid, parentPid, command, isZombie }: ProcessEntry): string {
  const state = isZombie ? 'zombie ' : ''
  return `${state}process ${pid} of parent ${parentPid}: ${command}`
}

function identify({ pid, startTime }: ProcessEntry): string {
  return `${pid} ${startTime}`
}
