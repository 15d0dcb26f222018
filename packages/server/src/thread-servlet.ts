import type { ResourceLimits } from 'node:worker_threads'
import type { Importable } from '@mpservice/contract'
import { ThreadLink } from './link/thread-link.ts'
import type { ServletArguments } from './servlet.ts'
import {
  type Habitat,
  WorkerServlet,
  type WorkerServletOptions,
  workerServletOptionNames,
} from './worker-servlet.ts'
import type { WorkerClass } from './worker.ts'

/** How a thread servlet runs its workers. */
export interface ThreadServletOptions<Args> extends WorkerServletOptions<Args> {
  /** How many threads. Default: 1. */
  readonly threads?: number | undefined
  /** Limits of each thread's heap and stack, in MiB, as of `node:worker_threads`. */
  readonly resourceLimits?: ResourceLimits | undefined
  /** The whole environment of the threads. Default: a copy of this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * One worker in each of several threads; each item goes to one of them.
 *
 * For work that needs a CPU and starts often: a thread starts faster than a process and takes less
 * memory. A thread whose code throws outside of an item, or whose heap is full, is replaced; one that
 * crashes in native code ends the whole program, which a process would survive.
 *
 * @example
 *   new ThreadServlet(GetTail, { threads: 2 })
 */
export class ThreadServlet<Input, Output, Args = unknown> extends WorkerServlet<
  Input,
  Output,
  Args,
  ThreadServletOptions<Args>
> {
  /**
   * @throws {NotImportableError} When the class cannot be found again in another thread; the message
   *   says what to add.
   * @throws {TypeError} When it is no class of workers, there is no option of a name, or options
   *   contradict the class.
   * @throws {RangeError} When a count, a size or a time is none.
   */
  constructor(
    worker: Importable<WorkerClass<Input, Output, Args>>,
    ...[options = {}]: ServletArguments<ThreadServletOptions<Args>, Args>
  ) {
    super(thread, worker, refuseInspect(options))
  }
}

/** In a word, since `checkOptions` would only say that there is no such option. */
function refuseInspect<Options extends object>(options: Options): Options {
  if (!('inspect' in options)) return options
  throw new TypeError(
    'ThreadServlet has no option "inspect": a thread has no debugger port of its own; debug the main process (node --inspect), which shows its threads, or start the server with inline',
  )
}

const thread: Habitat<ThreadServletOptions<unknown>> = {
  className: 'ThreadServlet',
  kind: 'thread',
  optionNames: ['threads', ...workerServletOptionNames, 'resourceLimits', 'env'],
  maxRssBytes: () => Infinity,
  affinitiesOf: ({ threads = 1 }) => {
    if (!Number.isInteger(threads) || threads < 1) {
      throw new RangeError(`threads is ${threads}: give a count of at least 1`)
    }
    return Array.from({ length: threads }, () => null)
  },
  openLink: ({ resourceLimits, env }, setup, args, events) => {
    const options = {
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
      ...(env === undefined ? {} : { env }),
    }
    return new ThreadLink({ setup, args, thread: options }, events)
  },
}
