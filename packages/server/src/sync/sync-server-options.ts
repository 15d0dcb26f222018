import type { ResourceLimits } from 'node:worker_threads'
import type { ChannelLimits } from '../channel/channel-limits.ts'
import type { ServerCallOptions, ServerOptions, ServerStreamOptions } from '../server-options.ts'

/** How a server for code that cannot wait is set up. */
export interface SyncServerOptions extends Pick<ServerOptions, 'capacity'>, ChannelLimits {
  /** The name of its thread, for messages. Default: `sync-server`. */
  readonly name?: string | undefined
  /**
   * How long it may take until the servlet is made and all its workers are ready, in milliseconds.
   * Default: 60 000.
   */
  readonly startTimeoutMs?: number | undefined
  /** Limits of the thread's heap and stack, in MiB, as of `node:worker_threads`. */
  readonly resourceLimits?: ResourceLimits | undefined
  /** The whole environment of the thread. Default: a copy of this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** What a caller may say about one call. Defaults: `timeoutMs` 60 000, `backpressure` true. */
export interface SyncCallOptions extends Pick<ServerCallOptions, 'timeoutMs' | 'backpressure'> {}

/** What a caller may say about one stream. Default: `timeoutMs` 3 600 000. */
export interface SyncStreamOptions extends Pick<
  ServerStreamOptions,
  'timeoutMs' | 'returnX' | 'returnExceptions'
> {}
