import type { AnyFunction, Importable, StreamInput } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs, isTimeoutError, settleWithin } from '@mpservice/process'
import { ServerClosedError } from '../errors.ts'
import type { ServerInfo } from '../server-info.ts'
import type { CloseOptions } from '../server-options.ts'
import { Server } from '../server.ts'
import type { Chunk, ChunkAnswer } from './chunk.ts'
import { KnownLocations } from './known-locations.ts'
import { makePoolServlet } from './make-pool-servlet.ts'
import { mapChunks } from './map-chunks.ts'
import type {
  ApplyArguments,
  ApplyOptions,
  ItemFunction,
  MapOptions,
  PoolArguments,
  PoolItem,
  PoolOptions,
  PoolResult,
} from './pool-options.ts'
import { sendChunk } from './send-chunk.ts'

/**
 * Processes or threads that call any importable function.
 *
 * A function is exported and carries its module's URL: `work.module = import.meta.url`, or is named by
 * `moduleRef(url).export('work')`. It may be async; a worker calls it for one item after the other.
 * Arguments and results cross by value.
 *
 * A worker that dies fails the items of the one chunk that it was working on with
 * `WorkerCrashedError`, and is replaced.
 *
 * @example
 *   await using pool = await Pool.start({ processes: 4 })
 *   const thumbnails = await pool.map(makeThumbnail, paths)
 */
export class Pool {
  readonly #server: Server<Chunk, ChunkAnswer>
  readonly #workers: number
  readonly #locations = new KnownLocations()
  /** What `close` waits for. */
  readonly #maps = new Set<Promise<unknown>>()
  #ending: Promise<boolean> | undefined

  /**
   * Starts all workers, in parallel, and resolves when every one is ready.
   *
   * @throws {TypeError} When there are both processes and threads, or neither, or there is no option of
   *   a name.
   * @throws {RangeError} When an option is no sensible number, or names a CPU that does not exist.
   * @throws {WorkerStartError} When a worker does not become ready; all others are ended first.
   */
  static async start(options: PoolOptions): Promise<Pool> {
    const servlet = makePoolServlet(options)
    return new Pool(await Server.start(servlet), servlet.workers.length)
  }

  private constructor(server: Server<Chunk, ChunkAnswer>, workers: number) {
    this.#server = server
    this.#workers = workers
  }

  /**
   * Calls a function once, in one of the workers, and gives what it returns.
   *
   * @throws What the function throws, with its class, fields and remote stack.
   * @throws {NotImportableError} When the function cannot be found again in a worker; the message says
   *   what to add.
   * @throws {EncodeError} When an argument or the result cannot be carried; `$[1]` is the second
   *   argument.
   * @throws {TimeoutError} When there is no answer after `timeoutMs`; the worker goes on with it.
   * @throws {WorkerCrashedError} When the worker died.
   * @throws {ServerClosedError} When the pool is closed; also the reason of the signal.
   */
  async apply<Target extends Importable<AnyFunction>>(
    target: Target,
    ...[args, options = {}]: ApplyArguments<Target>
  ): Promise<PoolResult<Target>> {
    checkOptions(options, ['timeoutMs', 'signal'], 'apply')
    const list: unknown = args ?? []
    if (!Array.isArray(list)) throw new TypeError('apply takes a list of arguments')
    this.#assertOpen()
    const location = this.#locations.find(target)
    const call = (chunk: Chunk): Promise<ChunkAnswer> => this.#call(chunk, options)
    const { results, failure } = await sendChunk(call, { location, spreads: true }, [list])
    if (failure !== undefined) throw failure.error
    // What a function returns is what its type says; nothing can check that here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return results[0] as PoolResult<Target>
  }

  /**
   * Calls a function with each of many items, and gives its results in the order of the items.
   *
   * Items are read as they are worked on. They go to the workers in chunks; what is not begun when an
   * item fails is dropped.
   *
   * @throws What the function throws for the item that fails first; also as of `apply`, and what the
   *   items themselves throw.
   */
  map<Target extends ItemFunction>(
    target: Target,
    items: StreamInput<PoolItem<Target>>,
    options?: MapOptions,
  ): Promise<PoolResult<Target>[]> {
    return this.#collect<PoolResult<Target>>(target, false, items, options)
  }

  /** As `map`, with a list of arguments for each call. */
  starmap<Target extends Importable<AnyFunction>>(
    target: Target,
    argumentLists: StreamInput<PoolArguments<Target>>,
    options?: MapOptions,
  ): Promise<PoolResult<Target>[]> {
    return this.#collect<PoolResult<Target>>(target, true, argumentLists, options)
  }

  /**
   * As `map`, but gives each result as soon as those before it are known.
   *
   * Items are read as results are taken: never more than three chunks for each worker are on their way
   * or wait to be taken. Leaving the loop early ends the reading of items and drops what is in
   * progress. After `close`, what is on its way is given, and then `ServerClosedError` is thrown.
   */
  imap<Target extends ItemFunction>(
    target: Target,
    items: StreamInput<PoolItem<Target>>,
    options?: MapOptions,
  ): AsyncGenerator<PoolResult<Target>, void, undefined> {
    return this.#generate<PoolResult<Target>>(target, items, options, true)
  }

  /** As `imap`, in the order in which the chunks are done. */
  imapUnordered<Target extends ItemFunction>(
    target: Target,
    items: StreamInput<PoolItem<Target>>,
    options?: MapOptions,
  ): AsyncGenerator<PoolResult<Target>, void, undefined> {
    return this.#generate<PoolResult<Target>>(target, items, options, false)
  }

  /** What goes on inside, as plain data: that of the server that the pool is made of. */
  debugInfo(): ServerInfo {
    return this.#server.debugInfo()
  }

  /**
   * Refuses new calls, finishes those in progress, with all items of `map` and `starmap`, and ends the
   * workers.
   *
   * What has not finished after `drainTimeoutMs` fails with `ServerClosedError`. A second call waits
   * for the first.
   *
   * @returns As of `Server.close`.
   * @throws {RangeError} When `drainTimeoutMs` is negative or no number.
   */
  async close(options: CloseOptions = {}): Promise<boolean> {
    checkOptions(options, ['drainTimeoutMs'], 'close')
    const { drainTimeoutMs = 30_000 } = options
    checkTimeoutMs(drainTimeoutMs, 'drainTimeoutMs')
    this.#ending ??= this.#close(drainTimeoutMs)
    return this.#ending
  }

  /** Fails everything in progress with `ServerClosedError` and ends the workers at once. */
  async kill(): Promise<void> {
    this.#ending ??= this.#server.kill().then(() => false)
    await this.#server.kill()
    await this.#ending
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(drainTimeoutMs: number): Promise<boolean> {
    const end = performance.now() + drainTimeoutMs
    const finished = Promise.allSettled(this.#maps)
    await settleWithin(finished, 'close', { timeoutMs: drainTimeoutMs }).catch((error: unknown) => {
      if (!isTimeoutError(error)) throw error
    })
    return this.#server.close({ drainTimeoutMs: Math.max(0, end - performance.now()) })
  }

  #collect<Result>(
    target: Importable<AnyFunction>,
    spreads: boolean,
    items: StreamInput<unknown>,
    options: MapOptions | undefined,
  ): Promise<Result[]> {
    const collecting = this.#collectAll<Result>(target, spreads, items, options)
    this.#maps.add(collecting)
    const forget = (): void => void this.#maps.delete(collecting)
    collecting.then(forget, forget)
    return collecting
  }

  async #collectAll<Result>(
    target: Importable<AnyFunction>,
    spreads: boolean,
    items: StreamInput<unknown>,
    options: MapOptions | undefined,
  ): Promise<Result[]> {
    this.#assertOpen()
    const location = this.#locations.find(target)
    const plan = { location, spreads, workers: this.#workers, isOrdered: false, call: this.#call }
    const all: Result[] = []
    for await (const { start, results } of mapChunks(plan, items, options)) {
      // As of `apply`.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      for (const [index, result] of results.entries()) all[start + index] = result as Result
    }
    return all
  }

  async *#generate<Result>(
    target: Importable<AnyFunction>,
    items: StreamInput<unknown>,
    options: MapOptions | undefined,
    isOrdered: boolean,
  ): AsyncGenerator<Result, void, undefined> {
    this.#assertOpen()
    const call = async (chunk: Chunk, callOptions: ApplyOptions): Promise<ChunkAnswer> => {
      this.#assertOpen()
      return this.#call(chunk, callOptions)
    }
    const location = this.#locations.find(target)
    const plan = { location, spreads: false, workers: this.#workers, isOrdered, call }
    for await (const { results } of mapChunks(plan, items, options)) {
      // As of `apply`.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      for (const result of results) yield result as Result
    }
  }

  readonly #call = (chunk: Chunk, options: ApplyOptions): Promise<ChunkAnswer> => {
    const { timeoutMs = Infinity, signal } = options
    return this.#server.call(chunk, { timeoutMs, signal, backpressure: false })
  }

  #assertOpen(): void {
    if (this.#ending !== undefined) throw new ServerClosedError('the pool is closed')
  }
}
