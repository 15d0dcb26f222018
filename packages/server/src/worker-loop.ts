import { Fifo } from './fifo.ts'
import { frameKind, type FrameHeader, headerBytes, readHeader } from './frame.ts'
import { isPromiseLike } from './is-promise-like.ts'
import { toLocalTime } from './monotonic-clock.ts'
import type { OutcomeWriter } from './outcome-writer.ts'
import { receivedPayload } from './payload.ts'
import type { Worker } from './worker.ts'

interface Task {
  readonly header: FrameHeader
  readonly payload: Uint8Array
}

/** Works on the tasks of one worker, one after the other, in order. */
export class WorkerLoop {
  readonly #worker: Worker<unknown, unknown>
  readonly #writer: OutcomeWriter
  readonly #onStop: () => void
  readonly #tasks = new Fifo<Task>()
  #isWorking = false
  #isStopping = false

  constructor(worker: Worker<unknown, unknown>, writer: OutcomeWriter, onStop: () => void) {
    this.#worker = worker
    this.#writer = writer
    this.#onStop = onStop
  }

  /** Takes frames of the server; the work on them begins at once. */
  take(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const header = readHeader(frame)
      if (header.kind === frameKind.task) {
        this.#tasks.push({ header, payload: frame.subarray(headerBytes) })
      } else if (header.kind === frameKind.stop) {
        this.#isStopping = true
      }
    }
    if (!this.#isWorking) void this.#work()
  }

  /** Works on what there is, and ends the loop afterwards when the server has said so. */
  async #work(): Promise<void> {
    this.#isWorking = true
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      const pending = this.#perform(task)
      if (pending !== undefined) await pending
    }
    this.#isWorking = false
    if (this.#isStopping) this.#onStop()
  }

  /** Gives a promise only when the worker does: synchronous work pays for no turn of the queue. */
  #perform({ header, payload }: Task): Promise<void> | undefined {
    const startedAt = performance.now()
    const took = (): number => performance.now() - startedAt
    try {
      const result = this.#worker.call(receivedPayload(payload).value(), {
        deadline: toLocalTime(header.timeMs),
        attempt: header.attempt,
      })
      if (!isPromiseLike(result)) {
        this.#writer.result(header.id, result, took())
        return undefined
      }
      return Promise.resolve(result).then(
        (value: unknown) => this.#writer.result(header.id, value, took()),
        (error: unknown) => this.#writer.exception(header.id, error, took()),
      )
    } catch (error) {
      this.#writer.exception(header.id, error, took())
      return undefined
    }
  }
}
