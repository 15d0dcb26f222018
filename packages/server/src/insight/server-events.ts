import type { ServerState } from '../server-info.ts'

/** The events of a server, by name: what a listener gets. */
export interface ServerEvents {
  'worker-start': WorkerStartEvent
  'worker-exit': WorkerExitEvent
  'worker-stuck': WorkerStuckEvent
  state: ServerStateEvent
}

/** Any event of a server. */
export type ServerEvent = ServerEvents[keyof ServerEvents]

/** An event about a worker. */
export type WorkerEvent = WorkerStartEvent | WorkerExitEvent | WorkerStuckEvent

/** Whom an event is about. */
interface WorkerEventFacts {
  /** The name of the servlet. */
  readonly stage: string
  /** The name of the worker. */
  readonly workerName: string
  /** The number of the worker in its servlet, from 0. */
  readonly workerIndex: number
  /** The process that it lives in; `undefined` for a thread. */
  readonly pid: number | undefined
  /** Which worker in this place it is, from 1. */
  readonly epoch: number
}

/** A worker has become ready, the first one in its place or another. */
export interface WorkerStartEvent extends WorkerEventFacts {
  readonly kind: 'worker-start'
  /** How long its start took, in milliseconds. */
  readonly startMs: number
}

/**
 * Why a worker has ended: it died (`crashed`), was ended because it took too long (`stuck`), because
 * nobody waited for its item any more (`abandoned`), because it had done or taken enough (`recycled`),
 * for new code (`reloaded`), with its server (`closed`), or was never ready (`failed-to-start`).
 */
export type WorkerExitReason =
  | 'crashed'
  | 'stuck'
  | 'abandoned'
  | 'recycled'
  | 'reloaded'
  | 'closed'
  | 'failed-to-start'

/** A worker has ended. */
export interface WorkerExitEvent extends WorkerEventFacts {
  readonly kind: 'worker-exit'
  readonly reason: WorkerExitReason
  /** The exit code; `null` when a signal ended it, or it could not be launched. */
  readonly exitCode: number | null
  /** The signal that ended it; `null` when it exited. */
  readonly signalCode: NodeJS.Signals | null
  /** What its items fail with, or why it did not start; `undefined` when it was to end. */
  readonly error: Error | undefined
  /** Whether another one is started in its place. */
  readonly isReplaced: boolean
}

/**
 * A worker has been at the same item for longer than `itemTimeoutMs`, and is ended; or for 10 s, which
 * is told once and has no consequence.
 */
export interface WorkerStuckEvent extends WorkerEventFacts {
  readonly kind: 'worker-stuck'
  /** For how long, in milliseconds. */
  readonly runningMs: number
}

/** The server has come to another part of its life. */
export interface ServerStateEvent {
  readonly kind: 'state'
  readonly from: ServerState
  readonly to: ServerState
}
