import { type ProcessEntry, readProc, readProcessEntry } from './process-table.ts'

const variable = 'MPSERVICE_TEST_PROCESS'

/**
 * Puts a mark into the environment of this process that its children inherit, so that they are
 * found again when their parent has died and they belong to nobody.
 */
export function markOwnProcesses(): void {
  process.env[variable] = `${process.pid}-${ownStartTime()}`
}

/**
 * The processes among these that inherit the mark of this one, whoever their parent is now. None
 * where not Linux.
 */
export function markedIn(table: readonly ProcessEntry[]): ProcessEntry[] {
  if (process.platform !== 'linux') return []
  const startTime = ownStartTime()
  const mark = `\0${variable}=${process.pid}-${startTime}\0`
  return table.filter(
    (entry) =>
      entry.pid !== process.pid &&
      Number(entry.startTime) >= startTime &&
      `\0${readProc(entry.pid, 'environ') ?? ''}\0`.includes(mark),
  )
}

function ownStartTime(): number {
  return Number(readProcessEntry(process.pid)?.startTime)
}
