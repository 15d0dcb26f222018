import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

interface ProcessMemory {
  readonly pid: number
  readonly parentPid: number
  readonly bytes: number
}

/** The resident memory of this process and all its descendants, in bytes. */
export function residentBytes(): number {
  const processes = process.platform === 'linux' ? fromProc() : fromPs()
  const family = new Set([process.pid])
  // A child may stand before its parent in the list: look again until nobody is added.
  for (let size = 0; size !== family.size;) {
    size = family.size
    for (const { pid, parentPid } of processes) if (family.has(parentPid)) family.add(pid)
  }
  return processes.reduce((sum, { pid, bytes }) => sum + (family.has(pid) ? bytes : 0), 0)
}

function fromProc(): ProcessMemory[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) return []
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      const kibibytes = numberAfter('VmRSS', status)
      return [{ pid, parentPid: numberAfter('PPid', status), bytes: kibibytes * 1024 }]
    } catch {
      return [] // It has just ended.
    }
  })
}

/** The number of a field; 0 when there is none, as with the memory of a process that has ended. */
function numberAfter(field: string, status: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}

function fromPs(): ProcessMemory[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
  return lines.split('\n').flatMap((line) => {
    const [pid, parentPid, kibibytes] = line.trim().split(/\s+/).map(Number)
    if (pid === undefined || parentPid === undefined || kibibytes === undefined) return []
    return [{ pid, parentPid, bytes: kibibytes * 1024 }]
  })
}
