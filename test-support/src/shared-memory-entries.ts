import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readProc, readProcessTable } from './process-table.ts'

const directory = '/dev/shm'

/** The names of the blocks in /dev/shm; none where the system has no such directory. */
export function readSharedMemoryEntries(): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/**
 * Keeps the names of blocks that may be ours. The directory is everybody's: blocks of other users,
 * and those that a process other than `ours` has open or mapped, are not left behind by us.
 */
export function withoutForeignEntries(names: string[], ours: ReadonlySet<number>): string[] {
  if (names.length === 0) return names
  const foreign = readProcessTable().filter((entry) => !ours.has(entry.pid))
  const inUse = new Set(foreign.flatMap(({ pid }) => [...readMapped(pid), ...readOpen(pid)]))
  return names.filter((name) => isOwn(name) && !inUse.has(join(directory, name)))
}

function isOwn(name: string): boolean {
  try {
    return statSync(join(directory, name)).uid === process.getuid?.()
  } catch {
    return false
  }
}

function readMapped(pid: number): string[] {
  const maps = readProc(pid, 'maps') ?? ''
  return [...maps.matchAll(/ (\/dev\/shm\/.*)$/gm)].map(([, path]) => path ?? '')
}

function readOpen(pid: number): string[] {
  try {
    const fds = `/proc/${pid}/fd`
    return readdirSync(fds).flatMap((fd) => {
      try {
        return [readlinkSync(join(fds, fd))]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}
