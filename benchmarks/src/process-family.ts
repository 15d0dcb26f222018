import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process of this system. */
interface ProcessEntry {
  readonly pid: number
  readonly parentPid: number
}

/** Those of all processes that are this one or one of its descendants. */
export function ownFamily<Entry extends ProcessEntry>(processes: readonly Entry[]): Entry[] {
  const family = new Set([process.pid])
  // A child may stand before its parent in the list: look again until nobody is added.
  for (let size = 0; size !== family.size;) {
    size = family.size
    for (const { pid, parentPid } of processes) if (family.has(parentPid)) family.add(pid)
  }
  return processes.filter(({ pid }) => family.has(pid))
}

/** What `parse` makes of a file that Linux shows of each process. */
export function readProc<Entry>(
  file: 'stat' | 'status',
  parse: (pid: number, text: string) => Entry,
): Entry[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) return []
    try {
      return [parse(pid, readFileSync(`/proc/${pid}/${file}`, 'utf8'))]
    } catch {
      return [] // It has just ended.
    }
  })
}

/** A column of `ps` for each process, where there is no /proc. */
export function readPs(column: 'rss' | 'time'): (ProcessEntry & { readonly text: string })[] {
  const columns = ['pid=', 'ppid=', `${column}=`].flatMap((name) => ['-o', name])
  const lines = execFileSync('ps', ['-A', ...columns], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [pid, parentPid, text] = line.trim().split(/\s+/)
    return text === undefined ? [] : [{ pid: Number(pid), parentPid: Number(parentPid), text }]
  })
}
