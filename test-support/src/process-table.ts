import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What identifies a process: its pid, and its start time since pids are used again. */
export interface ProcessId {
  readonly pid: number
  /** When it started, in the operating system's own words; only good for comparison. */
  readonly startTime: string
}

/** One process of this machine, as the operating system lists it. */
export interface ProcessEntry extends ProcessId {
  readonly parentPid: number
  /** Its command line, or its name where that is all that is known. */
  readonly command: string
  /** Whether it has ended and its parent has not noticed yet. */
  readonly isZombie: boolean
  /** Whether it is on a processor, or waits for one. */
  readonly isRunning: boolean
}

/**
 * Lists the processes of this machine, without the helper that lists them. On Linux `command` is
 * only a name, until `withCommandLine` looks it up.
 */
export function readProcessTable(): ProcessEntry[] {
  if (process.platform !== 'linux') return readPs(['-A'])
  return readNumbers('/proc').flatMap((pid) => readProcessEntry(pid) ?? [])
}

/** Looks one process up; `undefined` when there is none with this pid. */
export function readProcessEntry(pid: number): ProcessEntry | undefined {
  if (process.platform !== 'linux') return readPs(['-p', String(pid)])[0]
  const stat = readProc(pid, 'stat')
  return stat === undefined ? undefined : parseStat(stat)
}

/** The same entry with the command line of its process, if it has one. */
export function withCommandLine(entry: ProcessEntry): ProcessEntry {
  if (process.platform !== 'linux') return entry
  const command = readProc(entry.pid, 'cmdline')?.replaceAll('\0', ' ').trim()
  return command ? { ...entry, command } : entry
}

/** A file of a process in /proc; `undefined` when the process is gone or not ours to read. */
export function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}

/** Parses what `ps -o pid= -o ppid= -o stat= -o lstart= -o args=` prints. */
export function parsePs(output: string): ProcessEntry[] {
  return [...output.matchAll(/^ *(\d+) +(\d+) +(\S+) +((?:\S+ +){4}\S+) ?(.*)$/gm)].map(
    ([, pid, parentPid, state = '', startTime = '', command = '']) => ({
      pid: Number(pid),
      parentPid: Number(parentPid),
      startTime,
      command: command.trim(),
      isZombie: state.startsWith('Z'),
      isRunning: state.startsWith('R'),
    }),
  )
}

function readNumbers(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

// The name stands in parentheses and may itself hold spaces and parentheses.
function parseStat(stat: string): ProcessEntry {
  const nameEnd = stat.lastIndexOf(')')
  const fields = stat.slice(nameEnd + 2).split(' ')
  const [state = '', parentPid] = fields
  return {
    pid: Number.parseInt(stat, 10),
    parentPid: Number(parentPid),
    startTime: fields[19] ?? '',
    command: stat.slice(stat.indexOf('(') + 1, nameEnd),
    isZombie: state === 'Z' || state === 'X',
    isRunning: state === 'R',
  }
}

function readPs(selection: readonly string[]): ProcessEntry[] {
  const columns = ['pid=', 'ppid=', 'stat=', 'lstart=', 'args='].flatMap((name) => ['-o', name])
  const { pid, stdout, error } = spawnSync('ps', [...selection, ...columns], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    timeout: 10_000,
  })
  if (error !== undefined) throw new Error('ps cannot be run', { cause: error })
  return parsePs(stdout).filter((entry) => entry.pid !== pid)
}
