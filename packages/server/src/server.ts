import type { Servable, StreamInput } from '@mpservice/contract'
import { assertNotImporting, checkOptions, checkTimeoutMs } from '@mpservice/process'
import { Backlog } from './backlog.ts'
import type { Payload } from './channel/payload.ts'
import { ServerClosedError, ServerFailedError } from './errors.ts'
import type {
  CloseOptions,
  ServerCallOptions,
  ServerOptions,
  ServerStreamOptions,
  StreamElement,
} from './server-options.ts'
import { checkServlet, type Servlet } from './servlet.ts'
import type { Stage, StageInfo } from './stage/stage.ts'
import { streamThrough } from './stream-through.ts'

/** Where a server is in its life. */
export type ServerState = 'open' | 'closing' | 'closed' | 'failed'

/** A snapshot of a server, as plain data. */
export interface ServerInfo {
  readonly state: ServerState
  readonly capacity: number
  /** Items in progress. */
  readonly backlog: number
  /** Calls that wait for a place. */
  readonly waiting: number
  readonly servlet: StageInfo
}

/**
 * Runs a servlet and answers calls through it.
 *
 * At most `capacity` items are in progress at once. Every call settles: with its answer, its error,
 * its time-out, its signal, the death of the worker that had it, or the end of the server.
 *
 * @example
 *   await using server = await Server.start(new ProcessServlet(Double, { cpus: 2 }))
 *   console.log(await server.call(21))
 */
export class Server<Input, Output> implements Servable<Input, Output> {
  readonly #root: Stage
  readonly #backlog: Backlog
  #state: ServerState = 'open'
  #failure: Error | undefined
  #ending: Promise<void> | undefined

  /**
   * Starts all workers of a servlet, in parallel, and resolves when every one is ready.
   *
   * @throws {WorkerStartError} When a worker does not become ready; all others are ended first.
   * @throws {RangeError} When `capacity` is no whole number of at least 1.
   * @throws {TypeError} When it is no servlet, or there is no option of a name.
   * @throws {StartedWhileImportingError} When called by a module that is being imported in a worker
   *   process: put it behind `if (isMainModule(import.meta.url))`.
   */
  static async start<Input, Output>(
    servlet: Servlet<Input, Output>,
    options: ServerOptions = {},
  ): Promise<Server<Input, Output>> {
    checkServlet(servlet, 'Server.start')
    checkOptions(options, ['capacity'], 'Server.start')
    const { capacity = 256 } = options
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity is ${capacity}: give a whole number of at least 1`)
    }
    assertNotImporting()
    const undos: (() => Promise<void>)[] = []
    let server: Server<Input, Output> | undefined
    let failure: Error | undefined
    try {
      const root = await servlet.startStage({
        onUndo: (undo) => undos.push(undo),
        isAlone: () => server?.backlog === 1,
        onFailed: (reason) => {
          failure = reason
          if (server !== undefined) server.#fail(reason)
        },
      })
      if (failure !== undefined) throw failure
      server = new Server<Input, Output>(root, capacity)
      return server
    } catch (error) {
      await Promise.all(undos.map((undo) => undo()))
      throw error
    }
  }

  private constructor(root: Stage, capacity: number) {
    this.#root = root
    this.#backlog = new Backlog(root, capacity)
  }

  /** How many items may be in progress at once. */
  get capacity(): number {
    return this.#backlog.capacity
  }

  /**
   * How many items are in progress. An item whose caller has left still counts while a worker is
   * working on it.
   */
  get backlog(): number {
    return this.#backlog.size
  }

  /** Where the server is in its life. */
  get state(): ServerState {
    return this.#state
  }

  /** Whether a call made now would find a live worker in every stage. */
  ready(): boolean {
    return this.#state === 'open' && this.#root.isReady()
  }

  /**
   * Sends one input through the servlet and gives the result.
   *
   * @throws What a worker threw, with its class, fields and remote stack.
   * @throws {ServerBacklogFullError} At once, when there is no free place; unless `backpressure` is
   *   `false`, with which the call waits for a place. Waiting calls are served in order.
   * @throws {TimeoutError} After `timeoutMs`; its `phase` is `enqueue` when the call still waited for
   *   a place, else `total`. The item takes no further stage, and a late result is dropped.
   * @throws {WorkerCrashedError} When the worker that had the item died.
   * @throws {EnsembleError} When a member of an ensemble failed.
   * @throws {EncodeError} When the input or a result cannot be carried to another process.
   * @throws {ServerClosedError} When the server is closed.
   * @throws {ServerFailedError} When the server has given up.
   */
  call(input: Input, options?: ServerCallOptions): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (options !== undefined) checkOptions(options, callOptionNames, 'call')
      const { timeoutMs = 60_000, backpressure = true, signal } = options ?? noOptions
      const refusal = this.#refusal()
      if (refusal !== undefined) throw refusal
      const onOutcome = (outcome: Payload): void => {
        try {
          const value = outcome.value()
          if (outcome.isException) reject(value)
          // What comes out of a servlet is what its type says; nothing can check that here.
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion
          else resolve(value as Output)
        } catch (error) {
          reject(error)
        }
      }
      this.#backlog.submit({ input, timeoutMs, signal, onOutcome }, !backpressure)
    })
  }

  /**
   * Sends many inputs through the servlet and gives their results, in the order of the inputs.
   *
   * Inputs are read as results are taken: at most `capacity` inputs are ahead of the reader. Leaving
   * the loop early ends the reading of inputs and drops what is in progress. Streams and calls may
   * run at the same time.
   *
   * @throws What `call` throws, for the first item that fails; with `returnExceptions` errors are
   *   elements instead. What the inputs themselves throw is thrown after the results before it.
   */
  stream<const Options extends ServerStreamOptions = {}>(
    inputs: StreamInput<Input>,
    options?: Options,
  ): AsyncGenerator<StreamElement<Input, Output, Options>, void, undefined> {
    return streamThrough(
      (input, timeoutMs, onOutcome) => {
        // Not the error of one item, but the end of the stream.
        const refusal = this.#refusal()
        if (refusal !== undefined) throw refusal
        return this.#backlog.submit({ input, timeoutMs, signal: undefined, onOutcome }, true)
      },
      this.capacity,
      inputs,
      options,
    )
  }

  /** What goes on inside, as plain data. */
  debugInfo(): ServerInfo {
    return {
      state: this.#state,
      capacity: this.capacity,
      backlog: this.backlog,
      waiting: this.#backlog.waiting,
      servlet: this.#root.debugInfo(),
    }
  }

  /**
   * Refuses new calls, finishes those in progress, and ends the workers, which clean up.
   *
   * What has not finished after `drainTimeoutMs` fails with `ServerClosedError`. A second call waits
   * for the first.
   *
   * @throws {RangeError} When `drainTimeoutMs` is negative or no number.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions(options, ['drainTimeoutMs'], 'close')
    const { drainTimeoutMs = 30_000 } = options
    checkTimeoutMs(drainTimeoutMs, 'drainTimeoutMs')
    this.#ending ??= this.#close(drainTimeoutMs)
    await this.#ending
  }

  /** Fails everything in progress with `ServerClosedError` and ends the workers at once. */
  async kill(): Promise<void> {
    if (this.#state === 'open' || this.#state === 'closing') {
      this.#state = 'closed'
      this.#backlog.rejectAll(() => new ServerClosedError('the server was killed'))
    }
    await this.#root.kill()
    await this.#ending
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Why a call cannot be taken in; a new object for each caller. */
  #refusal(): Error | undefined {
    if (this.#state === 'open') return undefined
    return this.#state === 'failed' ? this.#failedError() : new ServerClosedError()
  }

  async #close(drainTimeoutMs: number): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      await this.#backlog.drain(drainTimeoutMs)
      this.#backlog.rejectAll(
        () => new ServerClosedError('the server was closed before the item finished'),
      )
    }
    // Workers with an item that nobody waits for do not clean up: their time for it runs out.
    await this.#root.close()
    if (this.#state === 'closing') this.#state = 'closed'
  }

  #fail(reason: Error): void {
    if (this.#state === 'failed' || this.#state === 'closed') return
    this.#state = 'failed'
    this.#failure = reason
    this.#backlog.rejectAll(() => this.#failedError())
    void this.#root.kill()
  }

  #failedError(): ServerFailedError {
    return new ServerFailedError({ cause: this.#failure })
  }
}

const noOptions: ServerCallOptions = {}
const callOptionNames = ['timeoutMs', 'backpressure', 'signal'] as const
