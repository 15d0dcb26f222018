import { ProtocolError } from '@mpservice/wire'

/**
 * The kinds of frames between a `SyncServer` and its thread, in the form of `frame.ts`. None of them is
 * claimed: what is in the ring will be read.
 */
export const syncKind = {
  /**
   * To the thread: call the server with this payload, and be refused when it is full. The time is how
   * long it may take.
   */
  call: 64,
  /** The same, but waits for a place. The epoch is the number of a stream, or 0. */
  enqueue: 65,
  /** To the thread: nobody waits any more for the items of the stream whose number is the id. */
  leave: 66,
  /** To the thread: how many items are in progress? The result is a number. */
  count: 67,
  /** To the thread: close the server and end. The time is how long items may take. */
  close: 68,
  /** To the thread: end the workers and the thread now, whether the server is ready or not. */
  kill: 69,
  /** From the thread: the server is ready. */
  ready: 80,
  /** From the thread: the payload is the exception that kept it from starting. */
  startFailed: 81,
  /** From the thread: the payload is what nobody caught. It may end the thread. */
  uncaught: 82,
  /** From the thread: the payload is the outcome of what was asked under this id. */
  result: 83,
} as const

/** Frames that one side can take back are not among them. */
export function refuseTask(): never {
  throw new ProtocolError('a task on the channel of a SyncServer')
}
