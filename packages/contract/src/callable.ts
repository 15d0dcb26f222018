import type { ReadableStream } from 'node:stream/web'

/** What a caller may say about one call; every field is optional. */
export interface CallOptions {
  /** Milliseconds from the call until it rejects with `TimeoutError`. */
  readonly timeoutMs?: number | undefined
  /**
   * What happens when no place is free: `true` rejects at once, `false` waits for a place for up to
   * `timeoutMs`.
   */
  readonly backpressure?: boolean | undefined
  /** Aborts the call, which then rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
}

/** What a caller may say about one stream; every field is optional. */
export interface StreamOptions {
  /** Milliseconds that each item may take, from when it is read until its result is known. */
  readonly timeoutMs?: number | undefined
  /** Aborts the stream: reading stops and the iteration throws the signal's own reason. */
  readonly signal?: AbortSignal | undefined
}

/** What a stream reads its items from. */
export type StreamInput<Input> = Iterable<Input> | AsyncIterable<Input> | ReadableStream<Input>

/**
 * Anything that answers one input with one output.
 *
 * Servers are callables and transports take callables; that is all they know of each other. `call`
 * settles on the answer, on its signal, on its time-out and on the death of what computes it.
 */
export interface Callable<Input, Output> {
  // A property, not a method: methods' parameters are compared both ways, and then stages and
  // transports whose inputs do not fit would compile.
  readonly call: (input: Input, options?: CallOptions) => Promise<Output>
}

/** A callable that a transport can also stream through, watch and probe. */
export interface Servable<Input, Output> extends Callable<Input, Output> {
  /** Gives the results of many inputs, in the order of the inputs, reading no further than needed. */
  readonly stream?: (inputs: StreamInput<Input>, options?: StreamOptions) => AsyncIterable<Output>
  /** A snapshot of counters as plain data. */
  metrics?(): unknown
  /** A snapshot of what is going on inside, as plain data that `JSON.stringify` takes. */
  debugInfo?(): unknown
  /** Whether a call made now could be answered. */
  ready?(): boolean
}
