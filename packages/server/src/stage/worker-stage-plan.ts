import type { Batching } from '../batching.ts'
import type { WorkerLink, WorkerLinkEvents } from '../link/worker-link.ts'
import type { WorkerSpec } from '../servlet.ts'

/** What a stage of workers is made from. */
export interface WorkerStagePlan {
  readonly name: string
  readonly kind: 'process' | 'thread'
  readonly workers: readonly WorkerSpec[]
  readonly startTimeoutMs: number
  readonly batching: Batching
  /** How many items, or batches, each worker works on at the same time. */
  readonly concurrency: number
  openLink(spec: WorkerSpec, epoch: number, events: WorkerLinkEvents): WorkerLink
}
