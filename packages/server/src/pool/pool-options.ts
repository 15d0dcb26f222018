import type { AnyFunction, Importable } from '@mpservice/contract'
import type { RemoteException, TargetFunction } from '@mpservice/process'
import type { ChannelLimits } from '../channel/channel-limits.ts'
import type { ProcessServletOptions } from '../process-servlet.ts'
import type { ThreadServletOptions } from '../thread-servlet.ts'

/** How a pool is set up: with processes, or with threads. */
export type PoolOptions = ProcessPoolOptions | ThreadPoolOptions

/** A pool of processes. */
export interface ProcessPoolOptions
  extends ChannelLimits, Pick<ProcessServletOptions<undefined>, SharedOption | 'execArgv'> {
  /**
   * How many processes, or a list with an entry for each: the CPU or the CPUs that it is pinned to,
   * or `null` for none.
   */
  readonly processes: number | readonly (number | readonly number[] | null)[]
  readonly threads?: undefined
}

/** A pool of threads. */
export interface ThreadPoolOptions
  extends ChannelLimits, Pick<ThreadServletOptions<undefined>, SharedOption | 'resourceLimits'> {
  /** How many threads. */
  readonly threads: number
  readonly processes?: undefined
}

type SharedOption = 'name' | 'startTimeoutMs' | 'env'

/** What a caller may say about one call of a function. */
export interface ApplyOptions {
  /** How long it may take, in milliseconds, with the wait for a free worker. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Ends the wait, which then rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
}

/** What a caller may say about the calls of a function on many items. */
export interface MapOptions {
  /**
   * How many items go to a worker at once. Default: as many as take about 1 ms, at most 1024,
   * beginning with 1.
   */
  readonly chunkSize?: number | undefined
  /**
   * How long a chunk may take, in milliseconds, from when it is handed to the workers. Default: no
   * limit.
   */
  readonly timeoutMs?: number | undefined
  /** Ends it: reading stops, and the signal's own reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

/** A function of one item that other processes can import. */
export type ItemFunction = Importable<(item: never) => unknown>

/** The arguments of the function behind an importable target. */
export type PoolArguments<Target extends Importable<AnyFunction>> = Readonly<
  Parameters<TargetFunction<Target>>
>

/** What the function behind an importable target takes, when it is called with one argument. */
export type PoolItem<Target extends Importable<AnyFunction>> = Parameters<TargetFunction<Target>>[0]

/** What the function behind an importable target gives, awaited. */
export type PoolResult<Target extends Importable<AnyFunction>> = Exclude<
  Awaited<ReturnType<TargetFunction<Target>>>,
  RemoteException
>

/** The arguments of `apply` after the function; they may be left out when it needs none. */
export type ApplyArguments<Target extends Importable<AnyFunction>> =
  [] extends PoolArguments<Target>
    ? [args?: PoolArguments<Target>, options?: ApplyOptions]
    : [args: PoolArguments<Target>, options?: ApplyOptions]
