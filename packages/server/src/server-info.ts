import type { BacklogAges } from './insight/backlog-ages.ts'
import type { StageInfo } from './stage/stage.ts'

/** Where a server is in its life. */
export type ServerState = 'open' | 'closing' | 'closed' | 'failed'

/** What a snapshot of a server shows. */
export interface DebugInfoOptions {
  /** Whether it shows what the JavaScript of each worker is at. Default: `false`. */
  readonly stacks?: boolean | undefined
}

/** A snapshot of a server, as plain data that `JSON.stringify` takes. */
export interface ServerInfo {
  readonly state: ServerState
  readonly capacity: number
  /** Items in progress. */
  readonly backlog: number
  /** Calls that wait for a place. */
  readonly waiting: number
  /** How old the calls are that are in progress, or wait for a place. */
  readonly ageMs: BacklogAges
  readonly servlet: StageInfo
}
