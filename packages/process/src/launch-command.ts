import { spawnSync } from 'node:child_process'
import { getLogger } from '@logtape/logtape'
import { findProgram } from './find-program.ts'

/** A program and its arguments. */
export interface LaunchCommand {
  readonly file: string
  readonly args: readonly string[]
  /** Whether the kernel ends the child when its parent dies; if not, the child must watch. */
  readonly diesWithParent: boolean
}

/**
 * The command that starts a Node program pinned to CPUs and bound to the life of its parent.
 *
 * Both are set by small programs of util-linux that replace themselves with Node, so that they hold
 * before Node's first thread exists: `setpriv --pdeathsig` (prctl(2), PR_SET_PDEATHSIG) and
 * `taskset` (sched_setaffinity(2)). Without `setpriv` the child watches its parent by itself;
 * without `taskset` it runs unpinned and a warning says so, once.
 */
export function launchCommand(
  nodeArgs: readonly string[],
  cpus: readonly number[] | undefined,
): LaunchCommand {
  const deathSignal = deathSignalCommand()
  const pinning = cpus === undefined ? [] : pinningCommand(cpus)
  const [file = process.execPath, ...args] = [
    ...deathSignal,
    ...pinning,
    process.execPath,
    ...nodeArgs,
  ]
  return { file, args, diesWithParent: deathSignal.length > 0 }
}

const found: { deathSignal?: readonly string[]; taskset?: string | null } = {}

function deathSignalCommand(): readonly string[] {
  if (process.env['MPSERVICE_ORPHAN_GUARD'] === 'thread') return []
  found.deathSignal ??= probeDeathSignal()
  return found.deathSignal
}

function probeDeathSignal(): readonly string[] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined
  if (setpriv === undefined) return []
  const command = [setpriv, '--pdeathsig', 'KILL', '--']
  // Some builds of setpriv lack the option and some sandboxes refuse it: ask once.
  const probe = spawnSync(setpriv, [...command.slice(1), setpriv, '--version'], {
    stdio: 'ignore',
    timeout: 5_000,
  })
  return probe.status === 0 ? command : []
}

function pinningCommand(cpus: readonly number[]): readonly string[] {
  found.taskset ??=
    (process.platform === 'linux' ? findProgram('taskset') : undefined) ?? warnUnpinned()
  return found.taskset === null ? [] : [found.taskset, '-c', cpus.join(',')]
}

function warnUnpinned(): null {
  if (found.taskset === undefined) {
    getLogger(['mpservice', 'process']).warn(
      'processes cannot be pinned to CPUs on this system and run unpinned: {reason}',
      {
        reason:
          process.platform === 'linux'
            ? 'the program taskset (util-linux) was not found'
            : `${process.platform} has no CPU affinity`,
      },
    )
  }
  return null
}
