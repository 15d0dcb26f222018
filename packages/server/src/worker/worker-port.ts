import type { VisitFrame, VisitWithdrawn } from '../channel/frame-reader.ts'
import type { FrameHeader } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import type { Abandonment } from '../perform/task-item.ts'

/** What a worker does about its frames. */
export interface WorkerPortEvents {
  /** A frame, while `next` runs; it and its payload are valid until this returns. */
  readonly onFrame: VisitFrame
  /** A task was taken back by the server; also while `next` runs. */
  readonly onWithdrawn: VisitWithdrawn
  /** Items may have been abandoned. */
  onAbandoned(): void
  /** There may be frames again after `wait` has given up. */
  onWake(): void
}

/** A worker's way to its server, whatever both live in and the frames travel on. */
export interface WorkerPort {
  /** The items of this worker that nobody waits for any more. */
  readonly abandoned: Abandonment
  /** Tells the next frame, whose task is begun then, if there is one; gives whether there was. */
  next(): boolean
  /**
   * Writes a frame, and waits while there is no room. It reaches the server whatever happens to this
   * worker; but when the server sleeps, it is not woken before `wake`.
   *
   * @throws {EncodeError} When the payload cannot be carried; nothing was written then.
   */
  write(header: FrameHeader, payload?: Payload): void
  /** Wakes the server if it sleeps. */
  wake(): void
  /**
   * Waits a moment for frames, if nothing else is to be done in this thread; gives whether there are
   * some. If not, `onWake` will be called when there are.
   *
   * @param isBusy - Whether this thread has other tasks to go on with, for which it must not block.
   */
  wait(isBusy: boolean): WaitOutcome
}

/** What came of waiting: nothing, frames while this thread was awake, or frames that woke it. */
export type WaitOutcome = 'nothing' | 'awake' | 'woken'
