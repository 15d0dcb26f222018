import { isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import { ProtocolError } from '@mpservice/wire'
import type { FrameView } from '../channel/frame-view.ts'
import { frameKind } from '../channel/frame.ts'
import { toLocalTime } from '../channel/monotonic-clock.ts'
import { exceptionPayload, type Payload, valuePayload } from '../channel/payload.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import type { Worker, WorkItem } from '../worker.ts'
import type { WorkerPort } from './worker-port.ts'

/** How long a server may sleep while there are results for it and more is being worked on, in ms. */
const longestSilenceMs = 0.2
/** How long a worker may work without a turn of its event loop, in milliseconds. */
const longestTurnMs = 10

/** What a worker loop needs besides its worker. */
export interface WorkerLoopOptions {
  readonly epoch: number
  /** What exceptions say about where they come from. */
  readonly origin: string
  /** The server wants the worker to end, and all that came before is done. */
  onStop(): void
}

/** A task whose input is decoded, or could not be. */
interface Task {
  readonly id: number
  readonly item: WorkItem
  input: unknown
  failure: { readonly error: unknown } | undefined
}

/** Works on the tasks of one worker, one after the other, in order. */
export class WorkerLoop {
  readonly #worker: Worker<unknown, unknown>
  readonly #port: WorkerPort
  readonly #options: WorkerLoopOptions
  #task: Task | undefined
  #isWorking = false
  #isStopping = false
  /** When the last item ended, or work began; the next one takes its time from there. */
  #clock = 0
  #wokenAt = 0
  #turnedAt = 0

  constructor(worker: Worker<unknown, unknown>, port: WorkerPort, options: WorkerLoopOptions) {
    this.#worker = worker
    this.#port = port
    this.#options = options
  }

  /**
   * Takes a frame of the server.
   *
   * @throws {ProtocolError} When it is of no known kind: somebody would wait for ever for its outcome.
   */
  take(frame: FrameView, payload: Payload): void {
    if (frame.kind === frameKind.stop) {
      this.#isStopping = true
      return
    }
    if (frame.kind !== frameKind.task) {
      throw new ProtocolError(`a frame of unknown kind ${frame.kind} from a server`)
    }
    const item = { deadline: toLocalTime(frame.timeMs), attempt: frame.attempt }
    const task: Task = { id: frame.id, item, input: undefined, failure: undefined }
    try {
      task.input = payload.value()
    } catch (error) {
      task.failure = { error }
    }
    this.#task = task
  }

  /** Works on what there is; call it when there may be something. */
  run(): void {
    if (!this.#isWorking) this.#work().catch(failWorker)
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    this.#clock = performance.now()
    this.#turnedAt = this.#clock
    this.#wokenAt = this.#clock
    let owesTurn = false
    for (;;) {
      while (this.#port.next()) {
        const pending = this.#perform()
        if (pending !== undefined) {
          this.#port.wake()
          await pending
          this.#turnedAt = performance.now()
        }
        if (this.#clock - this.#wokenAt > longestSilenceMs) {
          this.#port.wake()
          this.#wokenAt = this.#clock
        }
        if (this.#clock - this.#turnedAt > longestTurnMs) await this.#turn()
      }
      this.#port.wake()
      if (this.#isStopping) {
        this.#options.onStop()
        return
      }
      if (owesTurn) {
        owesTurn = false
        await this.#turn()
        continue
      }
      const waited = this.#port.wait()
      if (waited === 'nothing') break
      this.#clock = performance.now()
      this.#wokenAt = this.#clock
      owesTurn = waited === 'woken'
    }
    this.#isWorking = false
  }

  /** Lets timers and sockets of user code have their turn. */
  async #turn(): Promise<void> {
    this.#port.wake()
    await new Promise((resolve) => setImmediate(resolve))
    this.#clock = performance.now()
    this.#turnedAt = this.#clock
  }

  /** Gives a promise only when the worker does: synchronous work pays for no turn of the queue. */
  #perform(): Promise<void> | undefined {
    const task = this.#task
    if (task === undefined) return undefined
    this.#task = undefined
    try {
      if (task.failure !== undefined) throw task.failure.error
      const result = this.#worker.call(task.input, task.item)
      if (!isPromiseLike(result)) {
        this.#write(task, this.#outcomeOf(result))
        return undefined
      }
      return Promise.resolve(result).then(
        (value: unknown) => this.#write(task, this.#outcomeOf(value)),
        (error: unknown) => this.#write(task, this.#exception(error)),
      )
    } catch (error) {
      this.#write(task, this.#exception(error))
      return undefined
    }
  }

  #outcomeOf(value: unknown): Payload {
    return isRemoteExceptionWrapper(value) ? this.#exception(value.error) : valuePayload(value)
  }

  #exception(error: unknown): Payload {
    return exceptionPayload(error, this.#options.origin)
  }

  /** Writes the outcome of an item; a value that cannot be carried becomes the item's error. */
  #write({ id, item: { attempt } }: Task, outcome: Payload): void {
    const now = performance.now()
    const timeMs = Math.max(0, now - this.#clock)
    this.#clock = now
    const { epoch } = this.#options
    const header = { kind: frameKind.result, flags: 0, attempt, epoch, id, timeMs }
    try {
      this.#port.write(header, outcome)
    } catch (error) {
      this.#port.write(header, this.#exception(error))
    }
  }
}

/** A loop that has failed would leave its server waiting; user code may ignore unhandled rejections. */
function failWorker(error: unknown): never {
  // oxlint-disable-next-line no-console -- the child's stderr is where its owner looks
  console.error(error)
  process.exit(1)
}
