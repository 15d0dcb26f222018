import { performance } from 'node:perf_hooks'
import type { Servable, StreamInput, StreamOptions } from '@mpservice/contract'
import { assertNotImporting, checkOptions, checkTimeoutMs } from '@mpservice/process'
import { Backlog } from './backlog.ts'
import { callThrough } from './call-through.ts'
import { checkCapacity } from './check-capacity.ts'
import { type EventListener, EventListeners } from './insight/event-listeners.ts'
import type { ServerEvents } from './insight/server-events.ts'
import type { ServerMetrics } from './insight/server-metrics.ts'
import { showStacks } from './inspect/show-stacks.ts'
import { Intake } from './intake.ts'
import type { DebugInfoOptions, ServerInfo, ServerState } from './server-info.ts'
import { ServerLife } from './server-life.ts'
import {
  type CloseOptions,
  type PreprocessedStreamOptions,
  resolveServerOptions,
  type ServerCallOptions,
  type ServerOptions,
  type ServerStreamOptions,
  type StreamElement,
} from './server-options.ts'
import { checkServlet, type Servlet } from './servlet.ts'
import { findStage } from './stage/find-stage.ts'
import type { ServerStage } from './stage/stage-knobs.ts'
import { type StartedStages, startStages } from './start-stages.ts'
import type { ServerStream } from './stream/server-stream.ts'
import { type AnyStreamOptions, streamThrough } from './stream/stream-through.ts'

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
  readonly #stages: StartedStages
  readonly #backlog: Backlog
  readonly #life: ServerLife
  readonly #events: EventListeners
  readonly #startedAt: number = performance.now()
  readonly #intake: Intake

  /**
   * Starts all workers of a servlet, in parallel, and resolves when every one is ready.
   *
   * @throws {WorkerStartError} When a worker does not become ready; all others are ended first, as they
   *   are when the signal aborts, whose reason is thrown.
   * @throws {RangeError} When `capacity` is no whole number of at least 1.
   * @throws {TypeError} When it is no servlet, or there is no option of a name; when it, or one that it is
   *   composed of, is in a server that runs, or twice in this one.
   * @throws {StartedWhileImportingError} When called by a module that is being imported in a worker
   *   process: put it behind `if (isMainModule(import.meta.url))`.
   */
  static async start<Input, Output>(
    servlet: Servlet<Input, Output>,
    options: ServerOptions = {},
  ): Promise<Server<Input, Output>> {
    checkServlet(servlet, 'Server.start')
    const { capacity, inline, signal } = resolveServerOptions(options)
    assertNotImporting()
    signal?.throwIfAborted()
    const events = new EventListeners()
    let server: Server<Input, Output> | undefined
    const stages = await startStages(
      servlet,
      {
        isInline: inline,
        isAlone: () => server?.backlog === 1,
        onFailed: (reason) => {
          if (server !== undefined) server.#life.fail(reason)
        },
        emit: (event) => events.emit(event),
      },
      signal,
    )
    server = new Server<Input, Output>(stages, capacity, events)
    return server
  }

  private constructor(stages: StartedStages, capacity: number, events: EventListeners) {
    this.#stages = stages
    this.#events = events
    this.#backlog = new Backlog(stages.root, capacity)
    this.#intake = new Intake(this.#backlog, () => this.#life.checkOpen())
    this.#life = new ServerLife({ stages, intake: this.#intake, backlog: this.#backlog, events })
  }

  /**
   * How many items may be in progress at once. It can be set: with more, waiting items get places at
   * once; with fewer, none does until fewer are in progress.
   *
   * @throws {RangeError} When it is set to no whole number of at least 1.
   */
  get capacity(): number {
    return this.#backlog.capacity
  }

  set capacity(capacity: number) {
    checkCapacity(capacity)
    this.#intake.resize(capacity)
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
    return this.#life.state
  }

  /** Whether a call made now would find a live worker in every stage. */
  ready(): boolean {
    return this.state === 'open' && this.#stages.root.isReady()
  }

  /**
   * Sends one input through the servlet and gives the result.
   *
   * @throws What a worker threw, with its class, fields and remote stack.
   * @throws {ServerBacklogFullError} At once, when there is no free place; unless `backpressure` is
   *   `false`, with which the call waits for a place: the higher its `priority`, the shorter.
   * @throws {TimeoutError} After `timeoutMs`; its `phase` is `enqueue` when the call still waited for
   *   a place, else `total`. The item takes no further stage, and a late result is dropped.
   * @throws {WorkerCrashedError} When the worker that had the item died.
   * @throws {EnsembleError} When a member of an ensemble failed.
   * @throws {EncodeError} When the input or a result cannot be carried to another process.
   * @throws {RangeError} When `priority` is no whole number from -128 to 127, or `timeoutMs` negative.
   * @throws {ServerClosedError} When the server is closed.
   * @throws {ServerFailedError} When the server has given up.
   */
  call(input: Input, options?: ServerCallOptions): Promise<Output> {
    return callThrough(this.#intake, input, options)
  }

  /**
   * Sends many inputs through the servlet and gives their results, in the order of the inputs, or as
   * they finish with `ordered: false`.
   *
   * Inputs are read as results are taken: at most `capacity` inputs are ahead of the reader. Leaving
   * the loop early ends the reading of inputs and drops what is in progress. Streams and calls may
   * run at the same time: they get places in turn, and streams leave a sixteenth of them to calls. A
   * `preprocessor` makes the servlet's inputs from what is read.
   *
   * @throws What `call` throws, for the first item that fails; with `returnExceptions` or `settled`
   *   errors are elements instead. What the inputs themselves throw is thrown after the results
   *   before it.
   * @throws {TypeError} At the first `next`, when there is no option of a name, options exclude each
   *   other, or the inputs cannot be read from.
   */
  stream<X, const Options extends PreprocessedStreamOptions<X, Input>>(
    inputs: StreamInput<X>,
    options: Options & { readonly preprocessor: (x: X) => Input | Promise<Input> },
  ): AsyncGenerator<StreamElement<X, Output, Options>, void, undefined>
  /** The same without a `preprocessor`. */
  stream<const Options extends ServerStreamOptions = {}>(
    inputs: StreamInput<Input>,
    options?: Options,
  ): AsyncGenerator<StreamElement<Input, Output, Options>, void, undefined>
  /** As any `Servable` does it. */
  stream(
    inputs: StreamInput<Input>,
    options?: StreamOptions,
  ): AsyncGenerator<Output, void, undefined>
  stream(
    inputs: StreamInput<unknown>,
    options?: AnyStreamOptions,
  ): AsyncGenerator<never, void, undefined> {
    // The options decide the shape of the elements, as `StreamElement` says.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return streamThrough(this.#intake, inputs, options) as ServerStream<never>
  }

  /**
   * One of the stages of workers, by the name of its servlet: to change how many workers it has, how it
   * forms batches, and which code it runs, while it serves.
   *
   * @throws {RangeError} When there is none of that name, or more than one.
   */
  stage(name: string): ServerStage {
    return findStage(this.#stages.root, name)
  }

  /**
   * Calls a listener at each event of a name, from now on, in the order of the events; a listener that
   * was added before is not called twice. It is called soon after what it is told of, and what it
   * throws is logged.
   *
   * @throws {TypeError} When there is no event of the name, or the listener is no function.
   */
  on<Name extends keyof ServerEvents>(name: Name, listener: EventListener<Name>): this {
    this.#events.add(name, listener, false)
    return this
  }

  /** The same for the next event only. */
  once<Name extends keyof ServerEvents>(name: Name, listener: EventListener<Name>): this {
    this.#events.add(name, listener, true)
    return this
  }

  /**
   * Lets a listener go, which is not called any more.
   *
   * @throws {TypeError} When there is no event of the name.
   */
  off<Name extends keyof ServerEvents>(name: Name, listener: EventListener<Name>): this {
    this.#events.remove(name, listener)
    return this
  }

  /** What was done since the start: counts, times and how busy the workers are, of all and per stage. */
  metrics(): ServerMetrics {
    return {
      state: this.state,
      uptimeMs: performance.now() - this.#startedAt,
      ...this.#backlog.metrics(),
      servlet: this.#stages.root.metrics(),
    }
  }

  /** What goes on inside now, down to every worker, as plain data that `JSON.stringify` takes. */
  debugInfo(options?: DebugInfoOptions & { readonly stacks?: false | undefined }): ServerInfo
  /**
   * The same with what each live worker is at: its `stack`, or a `stackError` that says why there is none. It
   * takes 2 s at most; workers stop for some milliseconds.
   */
  debugInfo(options: DebugInfoOptions & { readonly stacks: true }): Promise<ServerInfo>
  /** Either of them. */
  debugInfo(options?: DebugInfoOptions): ServerInfo | Promise<ServerInfo>
  debugInfo({ stacks = false }: DebugInfoOptions = {}): ServerInfo | Promise<ServerInfo> {
    const { root } = this.#stages
    const info = { state: this.state, ...this.#backlog.info() }
    return stacks
      ? showStacks((note) => root.debugInfo(note)).then((servlet) => ({ ...info, servlet }))
      : { ...info, servlet: root.debugInfo() }
  }

  /**
   * Refuses new calls, finishes those in progress, and ends the workers, which clean up.
   *
   * What has not finished after `drainTimeoutMs` fails with `ServerClosedError`. A second call waits
   * for the first.
   *
   * @returns Whether everything had finished; `false` also when the server was killed or has failed.
   * @throws {RangeError} When `drainTimeoutMs` is negative or no number.
   */
  async close(options: CloseOptions = {}): Promise<boolean> {
    checkOptions(options, ['drainTimeoutMs'], 'close')
    const { drainTimeoutMs = 30_000 } = options
    checkTimeoutMs(drainTimeoutMs, 'drainTimeoutMs')
    return this.#life.close(drainTimeoutMs)
  }

  /** Fails everything in progress with `ServerClosedError` and ends the workers at once. */
  kill(): Promise<void> {
    return this.#life.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
