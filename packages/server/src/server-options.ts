import type { CallOptions, StreamOptions } from '@mpservice/contract'
import { checkOptions } from '@mpservice/process'
import { checkCapacity } from './check-capacity.ts'

/** How a server is set up. */
export interface ServerOptions {
  /** How many items may be in progress at once, in all stages together. Default: 256. */
  readonly capacity?: number | undefined
  /**
   * Whether the workers of all process and thread servlets live on the server's own event loop, for
   * stepping through them: each a worker object of its own, as elsewhere, with copies of inputs, results
   * and `args`. They cannot be ended when they are stuck, nor pinned. Default: `false`.
   */
  readonly inline?: boolean | undefined
  /** Ends the start, which then rejects with the signal's own reason when all workers have ended. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The options of a server with their defaults.
 *
 * @throws {RangeError} When `capacity` is no whole number of at least 1.
 * @throws {TypeError} When there is no option of a name.
 */
export function resolveServerOptions(options: ServerOptions): {
  readonly capacity: number
  readonly inline: boolean
  readonly signal: AbortSignal | undefined
} {
  checkOptions(options, ['capacity', 'inline', 'signal'], 'Server.start')
  const { capacity = 256, inline = false, signal } = options
  checkCapacity(capacity)
  return { capacity, inline, signal }
}

/** How urgent something is. */
interface PriorityOptions {
  /**
   * A whole number from -128 to 127: higher ones get places first and go first to workers, but of eight
   * in a row at least one goes for its age. What a worker has been given keeps its order. Default: 0.
   */
  readonly priority?: number | undefined
}

/**
 * What a caller may say about one call. Defaults: `timeoutMs` 60 000, `backpressure` true, no
 * signal.
 */
export interface ServerCallOptions extends CallOptions, PriorityOptions {}

/** What a caller may say about one stream. Defaults: `timeoutMs` 3 600 000, no signal. */
export interface ServerStreamOptions extends StreamOptions, PriorityOptions {
  /** Whether each element is a pair of the input and its result. Default: `false`. */
  readonly returnX?: boolean | undefined
  /**
   * Whether the error of an item is an element in the place of its result; otherwise it is thrown
   * and ends the stream. Default: `false`.
   */
  readonly returnExceptions?: boolean | undefined
  /**
   * Whether each result is `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`, as of
   * `Promise.allSettled`: for results that may be errors themselves. Excludes `returnExceptions`.
   * Default: `false`.
   */
  readonly settled?: boolean | undefined
  /**
   * `true`: results come in the order of the inputs. `false`: as they finish; `returnX` tells which
   * is which. Default: `true`.
   */
  readonly ordered?: boolean | undefined
  readonly preprocessor?: undefined
}

/** What a caller may say about a stream whose inputs are still to be made from what is read. */
export interface PreprocessedStreamOptions<X, Input> extends Omit<
  ServerStreamOptions,
  'preprocessor'
> {
  /**
   * Makes the input of an item from what was read; `returnX` gives what was read. What it throws is
   * the error of that item. Where it gives promises, those of all items ahead of the reader run at the
   * same time, and their time counts (`TimeoutError` of phase `preprocess`).
   */
  readonly preprocessor: (x: X) => Input | Promise<Input>
}

/** How a server is closed. */
export interface CloseOptions {
  /** How long items in progress may take to finish, in milliseconds. Default: 30 000. */
  readonly drainTimeoutMs?: number | undefined
}

/** One element of a stream, as its options make it; where they are not known, any of the shapes. */
export type StreamElement<X, Output, Options> =
  IsOn<Options, 'returnX'> extends infer ReturnX
    ? ReturnX extends true
      ? [x: X, result: StreamResult<Output, Options>]
      : StreamResult<Output, Options>
    : never

type StreamResult<Output, Options> =
  | (IsOn<Options, 'settled'> extends infer Settled
      ? Settled extends true
        ? PromiseSettledResult<Output>
        : Output
      : never)
  | (true extends IsOn<Options, 'returnExceptions'> ? Error : never)

type IsOn<Options, Key extends string> = Options extends { readonly [Name in Key]?: infer Value }
  ? Key extends keyof Options
    ? Exclude<Value, undefined>
    : false
  : false
