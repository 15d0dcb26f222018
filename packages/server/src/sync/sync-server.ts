import { type Importable, locateExport } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import { resolveChannelLimits } from '../channel/channel-limits.ts'
import { checkCapacity } from '../check-capacity.ts'
import type { CloseOptions, StreamElement } from '../server-options.ts'
import type { Servlet } from '../servlet.ts'
import { SyncDesk } from './sync-desk.ts'
import { syncKind } from './sync-frame.ts'
import type {
  SyncCallOptions,
  SyncServerOptions,
  SyncStreamOptions,
} from './sync-server-options.ts'
import { syncStream } from './sync-stream.ts'

/**
 * Runs a servlet for code that cannot wait for promises: every method blocks until it is done.
 *
 * The servlet is made, and its server runs, in a thread of its own, whose event loop goes on while the
 * caller's stands still. The thread does not keep the program alive; a program that ends without
 * `close` ends the workers without their clean-up.
 *
 * @example
 *   const server = SyncServer.start(makePipeline)
 *   console.log(server.callSync('hello'))
 *   server.close()
 */
export class SyncServer<Input, Output> {
  /** How many items may be in progress at once. */
  readonly capacity: number
  readonly #desk: SyncDesk
  #lastStream = 0

  /**
   * Imports a function in a thread of its own, calls it there, starts the servlet that it gives, and
   * returns when all workers are ready.
   *
   * @param makePipeline - Exported, with its module's URL: `makePipeline.module = import.meta.url`; or
   *   named by `moduleRef(url).export(name)`.
   * @throws {WorkerStartError} When the function throws, when a worker does not become ready, or when it
   *   takes longer than `startTimeoutMs`; all that was started is ended.
   * @throws {NotImportableError} When the function cannot be found again in another thread; the message
   *   says what to add.
   * @throws {RangeError} When an option is no sensible number.
   * @throws {TypeError} When there is no option of a name.
   * @throws {StartedWhileImportingError} When called by a module that is being imported in a worker: put
   *   it behind `if (isMainModule(import.meta.url))`.
   */
  static start<Input, Output>(
    makePipeline: Importable<() => Servlet<Input, Output> | Promise<Servlet<Input, Output>>>,
    options: SyncServerOptions = {},
  ): SyncServer<Input, Output> {
    checkOptions(options, startOptionNames, 'SyncServer.start')
    const { capacity = 256, name = 'sync-server', startTimeoutMs = 60_000 } = options
    const { resourceLimits, env } = options
    checkCapacity(capacity)
    checkTimeoutMs(startTimeoutMs, 'startTimeoutMs')
    const { ringBytes, blockBytes } = resolveChannelLimits(options, 0)
    const desk = new SyncDesk({
      boot: { location: locateExport(makePipeline), name, capacity, maxBlockBytes: blockBytes },
      ringBytes,
      thread: {
        ...(resourceLimits === undefined ? {} : { resourceLimits }),
        ...(env === undefined ? {} : { env }),
      },
    })
    desk.waitUntilReady(startTimeoutMs)
    return new SyncServer<Input, Output>(desk, capacity)
  }

  private constructor(desk: SyncDesk, capacity: number) {
    this.#desk = desk
    this.capacity = capacity
  }

  /**
   * How many items are in progress, asked of the thread. An item whose caller has left still counts
   * while a worker is working on it.
   */
  get backlog(): number {
    return this.#desk.count()
  }

  /**
   * Sends one input through the servlet, blocks, and gives its result.
   *
   * @throws What the worker threw, with its class, fields and remote stack.
   * @throws {ServerBacklogFullError} When there is no free place, unless `backpressure` is `false`.
   * @throws {TimeoutError} When there is no answer after `timeoutMs`; up to 0.1 s later when the thread is
   *   kept busy.
   * @throws {EncodeError} When the input or the result cannot be carried.
   * @throws {WorkerCrashedError} When the worker with the item, or the server's thread, died.
   * @throws {ServerFailedError} When the server's thread died before.
   * @throws {ServerClosedError} When the server is closed.
   * @throws {RangeError} When `timeoutMs` is negative or no number.
   */
  callSync(input: Input, options: SyncCallOptions = {}): Output {
    checkOptions(options, ['timeoutMs', 'backpressure'], 'callSync')
    const { timeoutMs = 60_000, backpressure = true } = options
    checkTimeoutMs(timeoutMs)
    const kind = backpressure ? syncKind.call : syncKind.enqueue
    const answer = this.#desk.ask(kind, input, timeoutMs)
    this.#desk.settle(answer)
    if (answer.outcome?.isException === true) throw answer.outcome.value
    // What a servlet gives is what its type says; nothing can check that here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return answer.outcome?.value as Output
  }

  /**
   * Sends many inputs through the servlet and gives their results, in the order of the inputs.
   *
   * At most `capacity` inputs are ahead of the reader. The server works while the reader does something
   * else. Leaving the loop early ends the reading of inputs and drops what is in progress. Streams and
   * calls may be used at the same time.
   *
   * @throws What `callSync` throws, for the first item that fails; with `returnExceptions` errors are
   *   elements instead. What the inputs themselves throw, and that the server is closed or its thread
   *   died, is thrown after the results before it.
   */
  streamSync<const Options extends SyncStreamOptions = {}>(
    inputs: Iterable<Input>,
    options?: Options,
  ): Generator<StreamElement<Input, Output, Options>, void, undefined> {
    const stream = ++this.#lastStream
    const desk = this.#desk
    const place = {
      capacity: this.capacity,
      send: (input: unknown, timeoutMs: number) => desk.askForItem(input, timeoutMs, stream),
      settle: desk.settle.bind(desk),
      look: desk.look.bind(desk),
      leave: () => desk.leave(stream),
    }
    return syncStream<Input, Output, Options>(place, inputs, options)
  }

  /**
   * Refuses new calls, finishes what is in progress, ends the workers, which clean up, and the thread; blocks
   * until that is done.
   *
   * What has not finished after `drainTimeoutMs` fails with `ServerClosedError`: that is what is left of
   * streams that nobody is reading.
   *
   * @throws {RangeError} When `drainTimeoutMs` is negative or no number.
   */
  close(options: CloseOptions = {}): void {
    checkOptions(options, ['drainTimeoutMs'], 'close')
    const { drainTimeoutMs = 30_000 } = options
    checkTimeoutMs(drainTimeoutMs, 'drainTimeoutMs')
    this.#desk.close(drainTimeoutMs)
  }

  /** Ends the thread and the workers now; blocks until the thread has ended, for 2.5 s at
   * most. */
  kill(): void {
    this.#desk.kill()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

const startOptionNames = [
  'capacity',
  'name',
  'startTimeoutMs',
  'resourceLimits',
  'env',
  'ringBytes',
  'blockBytes',
] as const
