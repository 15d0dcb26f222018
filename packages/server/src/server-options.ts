import type { CallOptions, StreamOptions } from '@mpservice/contract'

/** How a server is set up. */
export interface ServerOptions {
  /** How many items may be in progress at once, in all stages together. Default: 256. */
  readonly capacity?: number | undefined
}

/**
 * What a caller may say about one call. Defaults: `timeoutMs` 60 000, `backpressure` true, no
 * signal.
 */
export interface ServerCallOptions extends CallOptions {}

/** What a caller may say about one stream. Defaults: `timeoutMs` 3 600 000, no signal. */
export interface ServerStreamOptions extends StreamOptions {
  /** Whether each element is a pair of the input and its result. Default: `false`. */
  readonly returnX?: boolean | undefined
  /**
   * Whether the error of an item is an element in the place of its result; otherwise it is thrown
   * and ends the stream. Default: `false`.
   */
  readonly returnExceptions?: boolean | undefined
}

/** How a server is closed. */
export interface CloseOptions {
  /** How long items in progress may take to finish, in milliseconds. Default: 30 000. */
  readonly drainTimeoutMs?: number | undefined
}

/** One element of a stream, as its options make it; where they are not known, any of the shapes. */
export type StreamElement<Input, Output, Options> =
  IsOn<Options, 'returnX'> extends infer ReturnX
    ? ReturnX extends true
      ? [input: Input, result: StreamResult<Output, Options>]
      : StreamResult<Output, Options>
    : never

type StreamResult<Output, Options> =
  | Output
  | (true extends IsOn<Options, 'returnExceptions'> ? Error : never)

type IsOn<Options, Key extends string> = Options extends { readonly [Name in Key]?: infer Value }
  ? Key extends keyof Options
    ? Exclude<Value, undefined>
    : false
  : false
