import { type FrameHeader, frameKind, plainHeader, type ScratchHeader } from '../channel/frame.ts'
import { nameEncodeError } from '../channel/name-encode-error.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { Answers } from '../perform/answers.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import type { WorkerPort } from './worker-port.ts'

/** Writes the outcomes of a worker's tasks, and how long each took. */
export class FrameAnswers implements Answers {
  readonly #port: WorkerPort
  /** Of the outcome that is being written. */
  readonly #header: ScratchHeader
  readonly origin: string
  readonly fail: (error: unknown) => void
  clock = 0
  #isWakeDue = false

  constructor(
    port: WorkerPort,
    { epoch, origin, fail }: Pick<FrameAnswers, 'origin' | 'fail'> & { readonly epoch: number },
  ) {
    this.fail = fail
    this.#port = port
    this.#header = plainHeader(frameKind.result, epoch)
    this.origin = origin
  }

  write(task: BegunTask, outcome: Payload, startedAt: number = this.clock): void {
    const now = performance.now()
    this.clock = now
    this.#write(task, outcome, Math.max(0, now - startedAt))
  }

  writeAll(tasks: readonly BegunTask[], startedAt: number): void {
    const now = performance.now()
    this.clock = now
    const tookMs = Math.max(0, now - startedAt)
    for (const task of tasks) {
      const outcome = task.outcome ?? exceptionPayload(new Error('the item has no result'))
      // One failure of all of them is encoded once.
      if (outcome.isException) outcome.freeze()
      this.#write(task, outcome, tookMs)
    }
  }

  wakeSoon(): void {
    if (this.#isWakeDue) return
    this.#isWakeDue = true
    queueMicrotask(() => {
      this.#isWakeDue = false
      this.#port.wake()
    })
  }

  #write(task: BegunTask, outcome: Payload, timeMs: number): void {
    task.item.end()
    try {
      this.#port.write(this.#headerOf(task, timeMs), outcome)
    } catch (error) {
      const failure = exceptionPayload(nameEncodeError(error, 'result'), this.origin)
      this.#port.write(this.#headerOf(task, timeMs), failure)
    }
  }

  #headerOf({ id, item }: BegunTask, timeMs: number): FrameHeader {
    const header = this.#header
    header.attempt = item.attempt
    header.id = id
    header.timeMs = timeMs
    return header
  }
}
