import type { Batching } from '../batching.ts'
import type { WorkerLink, WorkerLinkEvents } from '../link/worker-link.ts'
import type { WorkerSpec } from '../servlet.ts'
import type { Supervision } from '../supervision.ts'

/** What a stage of workers is made from. */
export interface WorkerStagePlan {
  readonly name: string
  readonly kind: 'process' | 'thread'
  /** Whether its workers live on the server's own event loop. */
  readonly isInline: boolean
  /** How many workers there are at first. */
  readonly count: number
  readonly startTimeoutMs: number
  readonly batching: Batching
  /** How many items, or batches, each worker works on at the same time. */
  readonly concurrency: number
  readonly supervision: Supervision
  /** How much memory a worker's process should have, in bytes. */
  readonly maxRssBytes: number
  /** Describes a worker by its number in the stage. */
  specOf(workerIndex: number): WorkerSpec
  openLink(
    spec: WorkerSpec,
    epoch: number,
    batching: Batching,
    events: WorkerLinkEvents,
  ): WorkerLink
}
