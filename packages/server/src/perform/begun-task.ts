import type { Payload } from '../channel/payload.ts'
import type { TaskItem } from './task-item.ts'

/** A task that this worker has begun. */
export interface BegunTask {
  readonly id: number
  readonly item: TaskItem
  /** The input; what `preprocess` makes of it takes its place. */
  input: unknown
  /** Its outcome as soon as it is known; at once when the input could not be decoded. */
  outcome: Payload | undefined
}
