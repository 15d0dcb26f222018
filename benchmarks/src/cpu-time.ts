import { ownFamily, readProc, readPs } from './process-family.ts'

/** In which Linux counts for programs, whatever the timer of its kernel does. */
const ticksPerSecond = 100

/**
 * The CPU time that this process and all its descendants have used so far, of users and of the
 * system, in seconds. Linux counts it in hundredths for each process, and keeps what those have used
 * that are gone; elsewhere, it is lost.
 */
export function cpuSeconds(): number {
  const processes = process.platform === 'linux' ? fromProc() : fromPs()
  return ownFamily(processes).reduce((sum, { seconds }) => sum + seconds, 0)
}

function fromProc() {
  return readProc('stat', (pid, stat) => {
    // The second field, the name in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // utime and stime of the process, and of its children that it has waited for.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { pid, parentPid: Number(fields[1]), seconds: ticks / ticksPerSecond }
  })
}

function fromPs() {
  return readPs('time').map(({ pid, parentPid, text }) => {
    return { pid, parentPid, seconds: parseDuration(text) }
  })
}

/** Reads `1-02:03:04`, `02:03:04` or `3:04.56`, as `ps` writes durations. */
export function parseDuration(text: string): number {
  const [clock = '', days = '0'] = text.split('-').toReversed()
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Number(days) * 86_400 + seconds
}
