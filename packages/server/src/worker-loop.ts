import { Fifo } from './fifo.ts'
import { frameKind, type FrameHeader, headerBytes, readHeader } from './frame.ts'
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
  #state: 'idle' | 'working' | 'stopping' = 'idle'

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
        this.stop()
      }
    }
    if (this.#state === 'idle') void this.#work()
  }

  /** Ends the loop after the tasks it has. */
  stop(): void {
    if (this.#state === 'idle') this.#onStop()
    this.#state = 'stopping'
  }

  async #work(): Promise<void> {
    if (this.#tasks.length === 0) return
    this.#state = 'working'
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      const pending = this.#perform(task)
      if (pending !== undefined) await pending
    }
    if (this.#isStopping()) this.#onStop()
    else this.#state = 'idle'
  }

  /** A method, because the state changes while the loop waits. */
  #isStopping(): boolean {
    return this.#state === 'stopping'
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
      if (!isThenable(result)) {
        this.#writer.result(header.id, result, took())
        return undefined
      }
      return result.then(
        (value: unknown) => this.#writer.result(header.id, value, took()),
        (error: unknown) => this.#writer.exception(header.id, error, took()),
      )
    } catch (error) {
      this.#writer.exception(header.id, error, took())
      return undefined
    }
  }
}

function isThenable(value: unknown): value is Promise<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
