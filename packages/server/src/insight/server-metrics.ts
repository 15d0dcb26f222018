import type { ServerState } from '../server-info.ts'
import type { CallCounts } from './call-meter.ts'
import type { StageMetrics } from './stage-metrics.ts'
import type { TimeSummary } from './summary.ts'

/** What a server has done since it was started, as plain data that `JSON.stringify` takes. */
export interface ServerMetrics {
  readonly state: ServerState
  /** Since all workers were ready, in milliseconds. */
  readonly uptimeMs: number
  /** How many items may be in progress at once. */
  readonly capacity: number
  /** Items in progress now. */
  readonly backlog: number
  /** Calls that now wait for a place. */
  readonly waiting: number
  readonly calls: CallCounts
  /** From a call until its answer, for those that had one. */
  readonly totalMs: TimeSummary
  /** The stages, as the servlets are composed. */
  readonly servlet: StageMetrics
}
