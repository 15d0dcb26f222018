import type { Payload } from '../channel/payload.ts'
import type { ServerEvent } from '../insight/server-events.ts'
import type { StageMetrics } from '../insight/stage-metrics.ts'
import type { NoteLink } from '../inspect/show-stacks.ts'
import type { Branch } from './flight.ts'
import type { ServerStage } from './stage-knobs.ts'

/** A servlet that runs. */
export interface Stage {
  /** Whether inputs leave this thread, so that they have to be encoded. */
  readonly takesBytes: boolean
  /**
   * Works on an input and calls `done` exactly once with the outcome: a result, what was thrown, or
   * what became of a dead worker. It may do so before it returns. Input and outcome are valid until
   * the function returns that they were given to; who needs one for longer keeps it.
   */
  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void
  /** Drops waiting items that nobody wants any more; their `done` is called. */
  sweep(): void
  /** No more calls will come: from now on nothing waits for others to go with. */
  hurry(): void
  /** Takes in the outcomes that have arrived, also those for which nobody has rung. */
  look(): void
  /** Whether an item given now would find a live worker. */
  isReady(): boolean
  /** What goes on inside, as plain data. */
  debugInfo(note?: NoteLink): StageInfo
  /** The stages of workers that it consists of, to be changed. */
  knobs(): readonly ServerStage[]
  /** What it has done so far, as plain data. */
  metrics(): StageMetrics
  /** Stops the workers after what they are doing; call it when nothing is in flight. */
  close(): Promise<void>
  /** Stops the workers at once; what is in flight fails. */
  kill(): Promise<void>
}

/** What a stage needs from its server. */
export interface StageContext {
  /** Called when the stage gives up for good. */
  onFailed(reason: GivingUp): void
  /** Whether workers live on the server's own event loop, where their servlets do not say it. */
  readonly isInline: boolean
  /** Whether the server has a single item in progress. */
  isAlone(): boolean
  /** Tells whoever listens. */
  readonly emit: (event: ServerEvent) => void
  /** Says how to take back what was started, for the case that another part does not start. */
  onUndo(undo: () => Promise<void>): void
}

/** Why a stage gave up: one of its workers died too often. */
export interface GivingUp {
  readonly workerName: string
  /** How often it died, or did not start, without having begun an item. */
  readonly deaths: number
  /** Within how many milliseconds. */
  readonly withinMs: number
  /** How it ended the last time. */
  readonly cause: Error
}

/** A snapshot of a stage. */
export interface StageInfo {
  readonly name: string
  readonly kind: 'process' | 'thread' | 'async' | 'sequential' | 'ensemble' | 'switch'
  /** That its workers live on the server's own event loop; left out where they do not. */
  readonly inline?: true
  /** Items that wait for a worker. */
  readonly queued?: number
  /** Items that are with a worker. */
  readonly running?: number
  readonly workers?: readonly WorkerInfo[]
  readonly children?: readonly StageInfo[]
}

/** A snapshot of a worker. */
export interface WorkerInfo {
  readonly name: string
  /** The process that it lives in; `null` for a thread, and while there is none. */
  readonly pid: number | null
  /** The CPUs that it is pinned to; `null` for none. */
  readonly cpuAffinity: readonly number[] | null
  readonly state: WorkerState
  /** Items that it holds: those it works on, and those that come next. */
  readonly held: number
  /** For how long it has been at what it works on now, in milliseconds; `null` when it holds nothing. */
  readonly currentMs: number | null
  /** Which worker in this place it is, from 1. */
  readonly epoch: number
  /** How often the worker was replaced. */
  readonly restarts: number
  /** Where a debugger can reach it: a `ws:` URL; with `inspect` of its servlet, in a process. */
  readonly inspectUrl?: string | undefined
  /** What its JavaScript is at, as the lines of an `Error`'s stack, or `(idle)`; where it was asked for. */
  readonly stack?: string | undefined
  /** Why there is no stack, where it was asked for. */
  readonly stackError?: string | undefined
}

/** Where a worker is in its life. */
export type WorkerState = 'starting' | 'ready' | 'stopping' | 'dead'
