import type { WorkerExitReason } from '../insight/server-events.ts'
import type { WorkerLink } from '../link/worker-link.ts'
import type { WorkerCrash } from '../worker-errors.ts'
import type { Task } from './task.ts'

/** Why a server ends a worker that it will replace. */
export type WorkerEnding =
  /** Items, or a batch, took too long: these. */
  | { readonly kind: 'stuck'; readonly itemTimeoutMs: number; readonly culprits: ReadonlySet<Task> }
  /** Nobody waits any more for something that it is at. */
  | { readonly kind: 'abandoned' }
  /** It has far more memory than it may have. */
  | { readonly kind: 'overfull'; readonly rssBytes: number }
  /** A signal has stopped it, and none made it go on. */
  | { readonly kind: 'stopped'; readonly stoppedMs: number }

/** What a worker is ended for that has done nothing wrong. */
export type WantedReason = Extract<WorkerExitReason, 'closed' | 'recycled' | 'reloaded'>

/** What is told of workers that have ended without having been asked to. */
export const exitReasons = {
  none: 'crashed',
  stuck: 'stuck',
  stopped: 'stuck',
  abandoned: 'abandoned',
  overfull: 'recycled',
} as const

/** The end of a worker. */
export interface WorkerEnd {
  /** What is left of its link; `undefined` when none could be opened. */
  readonly link: WorkerLink | undefined
  /** How it ended. */
  readonly crash: WorkerCrash
  /** Why it could not be started, or what was wrong with it. */
  readonly cause: Error | undefined
  /** Why the server has ended it, if it has. */
  readonly ending: WorkerEnding | undefined
  /** Whether it was to end for good. */
  readonly isWanted: boolean
}

/** Why a worker was ended, as the cause of what its items fail with. */
export function causeOf(ending: WorkerEnding): Error {
  return new Error(describe(ending))
}

function describe(ending: WorkerEnding): string {
  if (ending.kind === 'abandoned') return 'nobody waited any more for what it was at'
  if (ending.kind === 'stuck')
    return `it was at the same for longer than ${ending.itemTimeoutMs} ms`
  return ending.kind === 'overfull'
    ? `it had ${ending.rssBytes} bytes of memory, twice as many as it may have`
    : `it had been stopped by a signal for ${ending.stoppedMs} ms`
}
