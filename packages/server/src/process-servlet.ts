import type { Importable } from '@mpservice/contract'
import { checkCpus } from '@mpservice/process'
import { ProcessLink } from './link/process-link.ts'
import type { ServletArguments } from './servlet.ts'
import {
  type Habitat,
  WorkerServlet,
  type WorkerServletOptions,
  workerServletOptionNames,
} from './worker-servlet.ts'
import type { WorkerClass } from './worker.ts'

/** How a process servlet runs its workers. */
export interface ProcessServletOptions<Args> extends WorkerServletOptions<Args> {
  /**
   * How many processes, or a list with an entry for each: the CPU or the CPUs that it is pinned to,
   * or `null` for none. Default: 1, not pinned.
   */
  readonly cpus?: number | readonly (number | readonly number[] | null)[] | undefined
  /**
   * How much memory each process should have at most, in bytes, without what it shares: one that has
   * more is replaced when its successor is ready, and what it is at is finished first; one that has twice
   * as much is ended at once. Default: no limit.
   */
  readonly maxRssBytes?: number | undefined
  /**
   * Whether each process can be debugged, at a port of its own on 127.0.0.1, which `debugInfo` shows
   * (`inspectUrl`). `'wait'`: it waits for a debugger before it imports the worker's module, and
   * `startTimeoutMs` does not count. Default: `false`.
   */
  readonly inspect?: boolean | 'wait' | undefined
  /** Flags for Node. Default: this process's own without debuggers, test runners and profilers. */
  readonly execArgv?: readonly string[] | undefined
  /** The whole environment of the processes. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * One worker in each of several processes; each item goes to one of them.
 *
 * For work that needs a CPU. A worker that dies fails the items it was working on, and is replaced.
 *
 * @example
 *   new ProcessServlet(GetTail, { cpus: [0, [0, 1], null] }) // three processes
 */
export class ProcessServlet<Input, Output, Args = unknown> extends WorkerServlet<
  Input,
  Output,
  Args,
  ProcessServletOptions<Args>
> {
  /**
   * @throws {NotImportableError} When the class cannot be found again in another process; the
   *   message says what to add.
   * @throws {TypeError} When it is no class of workers, there is no option of a name, or options
   *   contradict the class.
   * @throws {RangeError} When a count, a size or a time is none, or `cpus` names a CPU that does not
   *   exist.
   */
  constructor(
    worker: Importable<WorkerClass<Input, Output, Args>>,
    ...[options = {}]: ServletArguments<ProcessServletOptions<Args>, Args>
  ) {
    super(childProcess, worker, options)
    checkInspect(options.inspect)
  }
}

const childProcess: Habitat<ProcessServletOptions<unknown>> = {
  className: 'ProcessServlet',
  kind: 'process',
  optionNames: ['cpus', ...workerServletOptionNames, 'maxRssBytes', 'execArgv', 'env', 'inspect'],
  maxRssBytes: ({ maxRssBytes = Infinity }) => {
    if (maxRssBytes > 0) return maxRssBytes
    throw new RangeError(`maxRssBytes is ${maxRssBytes}: give a number of bytes`)
  },
  affinitiesOf: ({ cpus = 1 }) => affinitiesOf(cpus),
  debugging: ({ inspect = false }) => inspect,
  openLink: ({ execArgv, env, inspect = false }, setup, args, events) => {
    const cpus = setup.context.cpuAffinity ?? undefined
    const launch = { cpus, execArgv, env }
    if (inspect === false) return new ProcessLink({ setup, args, launch }, events)
    const inspected = { ...setup, inspect: inspect === 'wait' ? inspect : 'open' } as const
    return new ProcessLink({ setup: inspected, args, launch }, events)
  },
}

function checkInspect(inspect: unknown): void {
  if (inspect === undefined || typeof inspect === 'boolean' || inspect === 'wait') return
  throw new TypeError(`inspect is ${JSON.stringify(inspect)}: give true, false or 'wait'`)
}

function affinitiesOf(
  cpus: number | readonly (number | readonly number[] | null)[],
): (readonly number[] | null)[] {
  if (typeof cpus === 'number') {
    if (!Number.isInteger(cpus) || cpus < 1) {
      throw new RangeError(
        `cpus is ${cpus}: give a count of at least 1, or a list with an entry per process`,
      )
    }
    return Array.from({ length: cpus }, () => null)
  }
  if (!Array.isArray(cpus)) throw new TypeError('cpus is neither a count nor a list')
  if (cpus.length === 0) throw new RangeError('cpus is an empty list: give an entry per process')
  return cpus.map((entry) => {
    if (entry === null) return null
    const list = typeof entry === 'number' ? [entry] : [...entry]
    checkCpus(list)
    return list
  })
}
