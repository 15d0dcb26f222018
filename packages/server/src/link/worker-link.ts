import type { FrameView } from '../channel/frame-view.ts'
import type { FrameHeader } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'

/** A task, and what its link notes about it. */
export interface SentTask {
  /** The input; its bytes may be in memory that is shared with the worker, until `release`. */
  input: Payload
  /** Frees that memory. */
  release: (() => void) | undefined
  /** As of `FramePlace`. */
  position: number
  claimWord: number
}

/**
 * A server's connection to one worker, whatever the worker lives in and the frames travel on.
 *
 * Frames arrive whole, in order, in both directions. What a worker sent before its end arrives
 * before the end is told.
 */
export interface WorkerLink {
  /** The process that the worker lives in, if it has one to itself. */
  readonly pid: number | undefined
  /** Where a debugger can reach the worker, if it was started for that. */
  readonly inspectUrl: string | undefined
  /**
   * Writes a task to the worker, which gets it at the next `flush`. Gives whether there was room: if
   * not, there will be when the worker has finished something.
   *
   * @throws {EncodeError} When the input cannot be carried; nothing was written then.
   */
  trySend(header: FrameHeader, task: SentTask): boolean
  /** The task that was written last, with the flag `moreOfBatch`, is the last one of its batch. */
  endBatch(): void
  /** Asks the worker to finish, clean up and end; gives whether there was room for that. */
  tryStop(header: FrameHeader): boolean
  /** Whether the worker takes a task without having to be woken for it. */
  readonly isAwake: boolean
  /** Whether tasks can be taken back. */
  readonly canWithdraw: boolean
  /** Takes a task back; gives whether the worker had not begun it, and never will. */
  tryWithdraw(task: SentTask): boolean
  /**
   * Whether the worker has begun a task, which it has not answered; until `onExit` returns. Where that
   * is not known, because frames travel on a pipe, the answer is whether it can have been.
   */
  hasBegun(task: SentTask, canHaveBegun: boolean): boolean
  /**
   * Lets the worker know that nobody waits any more for an item that it has begun: it can look at any
   * time, in shared memory, and is woken for it. On pipes it sees a frame when its event loop turns.
   */
  abandon(id: number, epoch: number): void
  /** The worker has answered an item that was abandoned. */
  forgetAbandoned(id: number): void
  /**
   * Lets the worker see what was written, and wakes it if it sleeps.
   *
   * @param isBusy - Whether more is to be expected at once: then both sides stay awake for a moment.
   */
  flush(isBusy: boolean): void
  /** Waits some microseconds, awake, for a worker that is awake, too. */
  spin(): void
  /** Reads frames of a worker that has not rung for them: it may have written over its memory. */
  lookForFrames(): void
  /**
   * Says what the JavaScript of the worker is at, which stops for it and goes on; `(idle)` when it is at none.
   * It takes as long as the worker is stuck in native code; nothing is left open when it settles.
   *
   * @throws {Error} When the worker cannot be asked, or ends meanwhile.
   */
  takeStack(): Promise<string>
  /** Ends the worker now. */
  kill(): void
  /** Asks the worker to end, and ends it when it does not. */
  terminate(): void
}

/** What a link tells its owner. */
export interface WorkerLinkEvents {
  /**
   * A frame from the worker; both are valid until this returns.
   *
   * @throws {ProtocolError} When it is not what the worker should have sent, which is ended then.
   */
  onFrame(frame: FrameView, payload: Payload): void
  /** All frames that came together were told. */
  onBatch(): void
  /** The end of the worker: once, and after its last frame. */
  onExit(exit: WorkerExit): void
}

/** How a worker ended. */
export interface WorkerExit {
  readonly exitCode: number | null
  readonly signalCode: NodeJS.Signals | null
  /** The last lines that it wrote to stderr. */
  readonly stderrTail: string
  /** Why it could not be started, or what was wrong on its channel. */
  readonly cause: Error | undefined
}
