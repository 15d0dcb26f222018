/**
 * A server's connection to one worker, whatever the worker lives in and the frames travel on.
 *
 * Frames arrive whole, in order, in both directions. What a worker sent before its end arrives
 * before the end is told.
 */
export interface WorkerLink {
  /** The process that the worker lives in, as far as it has one. */
  readonly pid: number | undefined
  /** Sends a frame whose payload is the given parts; never waits and never throws. */
  send(...parts: readonly Uint8Array[]): void
  /** Ends the worker now. */
  kill(): void
  /** Asks the worker's process to end, and ends it when it does not. */
  terminate(): void
}

/** What a link tells its owner. */
export interface WorkerLinkEvents {
  /** Frames from the worker, in order. */
  onFrames(frames: readonly Uint8Array[]): void
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
