import { ownFamily, readProc, readPs } from './process-family.ts'

/** The resident memory of this process and all its descendants, in bytes. */
export function residentBytes(): number {
  const processes = process.platform === 'linux' ? fromProc() : fromPs()
  return ownFamily(processes).reduce((sum, { kibibytes }) => sum + kibibytes * 1024, 0)
}

function fromProc() {
  return readProc('status', (pid, status) => ({
    pid,
    parentPid: numberAfter('PPid', status),
    kibibytes: numberAfter('VmRSS', status),
  }))
}

/** The number of a field; 0 when there is none, as with the memory of a process that has ended. */
function numberAfter(field: string, status: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}

function fromPs() {
  return readPs('rss').map(({ pid, parentPid, text }) => {
    return { pid, parentPid, kibibytes: Number(text) }
  })
}
