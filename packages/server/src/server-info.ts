import type { StageInfo } from './stage/stage.ts'

/** Where a server is in its life. */
export type ServerState = 'open' | 'closing' | 'closed' | 'failed'

/** A snapshot of a server, as plain data. */
export interface ServerInfo {
  readonly state: ServerState
  readonly capacity: number
  /** Items in progress. */
  readonly backlog: number
  /** Calls that wait for a place. */
  readonly waiting: number
  readonly servlet: StageInfo
}
