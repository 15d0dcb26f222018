import { type Channel, channel } from 'node:diagnostics_channel'
import type { WorkerEvent } from './server-events.ts'

/** What is published on `mpservice:call` when a call has ended. Its input is not told. */
export interface CallMessage {
  /** The number of the item in its server; `undefined` when it never had a place there. */
  readonly id: number | undefined
  /** From the call until its end. */
  readonly elapsedMs: number
  readonly outcome: 'ok' | 'error'
  /** What the call rejects with; `undefined` for a result. */
  readonly error: unknown
  /** How long the call might have taken. */
  readonly timeoutMs: number
}

/** What is published on `mpservice:batch` when a batch is given to a worker. */
export interface BatchMessage {
  /** The name of the servlet. */
  readonly stage: string
  /** The name of the worker. */
  readonly workerName: string
  /** How many items are in the batch. */
  readonly size: number
  /** For how long the first of them has waited. */
  readonly waitMs: number
}

/** A channel whose messages have a type. Who looks at `hasSubscribers` first makes none in vain. */
interface TypedChannel<Message extends object> extends Channel {
  publish(message: Message): void
}

/** Of all servers. */
export const callChannel: TypedChannel<CallMessage> = channel('mpservice:call')
/** Of all servers. */
export const batchChannel: TypedChannel<BatchMessage> = channel('mpservice:batch')
/** Of all servers, and also of workers that are started before their server is. */
export const workerChannel: TypedChannel<WorkerEvent> = channel('mpservice:worker')
