import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What the system says of a process. */
export interface Vitals {
  /** Whether a signal has stopped it. */
  readonly isStopped: boolean
  /** Its resident memory without what it shares, in bytes. */
  readonly rssBytes: number
}

/** Asks the system about a process; gives `undefined` when there is none, or nothing to be learned. */
export async function readVitals(pid: number): Promise<Vitals | undefined> {
  if (process.platform === 'linux') return readFromProc(pid)
  return process.platform === 'win32' ? undefined : askPs(pid)
}

/** See proc(5). Read at once: a thread pool full of user code must not delay it. */
function readFromProc(pid: number): Vitals | undefined {
  let status: string
  try {
    status = readFileSync(`/proc/${pid}/status`, 'latin1')
  } catch {
    return undefined
  }
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return {
    isStopped: /^State:\s+T/m.test(status),
    rssBytes: (kib('VmRSS') - (kib('RssShmem') || 0)) * 1_024 || 0,
  }
}

function askPs(pid: number): Promise<Vitals | undefined> {
  return new Promise((resolve) => {
    execFile('/bin/ps', ['-o', 'state=,rss=', '-p', String(pid)], (error, stdout) => {
      const [state = '', rss = ''] = stdout.trim().split(/\s+/)
      if (error !== null || rss === '') resolve(undefined)
      else resolve({ isStopped: state.startsWith('T'), rssBytes: Number(rss) * 1_024 })
    })
  })
}
