import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Child, type ChildEvents } from './child.ts'
import { checkCpus } from './cpu-affinity.ts'
import { childEnvironment, inheritedExecArgv } from './exec-argv.ts'
import { assertNotImporting } from './importing-guard.ts'
import { launchCommand } from './launch-command.ts'

/** How a child process is launched. */
export interface LaunchOptions {
  /** The CPUs that the process and all its threads may run on. Default: no pinning. */
  readonly cpus?: readonly number[] | undefined
  /** Flags for Node. Default: this process's own without debuggers, test runners and profilers. */
  readonly execArgv?: readonly string[] | undefined
  /** The whole environment. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** The working directory. Default: this process's own. */
  readonly cwd?: string | undefined
  /** Descriptors of this process that the child inherits, as its descriptors from 6 on. */
  readonly descriptors?: readonly number[] | undefined
}

/** The descriptor that a child has the first of `descriptors` as. */
export const firstInheritedDescriptor = 6

/**
 * Starts a Node process that imports `program` and calls the `run` that it exports, with a
 * `ChildContext`; gives the parent's side of it at once.
 *
 * The child has a channel of its own for frames, runs in a session of its own (Ctrl-C reaches this
 * process only), and ends when this process ends, however that happens. A launch that fails is
 * reported through `onExit`, as the end of any child is.
 *
 * @throws {RangeError} When `cpus` names a CPU that does not exist.
 * @throws {StartedWhileImportingError} When a module that is being imported in a child calls this.
 */
export function launchChild(
  name: string,
  program: URL,
  options: LaunchOptions,
  events: ChildEvents,
): Child {
  assertNotImporting()
  if (options.cpus !== undefined) checkCpus(options.cpus)
  const main = fileURLToPath(new URL('./child-main.js', import.meta.url))
  const execArgv = options.execArgv ?? inheritedExecArgv()
  const command = launchCommand([...execArgv, main], options.cpus)
  const boot = {
    name,
    parentPid: process.pid,
    program: program.href,
    watchParent: !command.diesWithParent,
  }
  return new Child(boot, spawnOrFail(command, options), events)
}

/** `spawn` throws for some failures (E2BIG, a NUL byte) and emits `error` for others. */
function spawnOrFail(
  command: ReturnType<typeof launchCommand>,
  options: LaunchOptions,
): ChildProcess | Error {
  try {
    return spawn(command.file, command.args, {
      cwd: options.cwd,
      env: childEnvironment(options.env ?? process.env),
      detached: true,
      stdio: [
        'ignore',
        'pipe',
        'pipe',
        'pipe',
        'pipe',
        command.diesWithParent ? 'ignore' : 'pipe',
        ...(options.descriptors ?? []),
      ],
    })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
