import { type FrameHeader, frameKind } from '../channel/frame.ts'
import { nameEncodeError } from '../channel/name-encode-error.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { Answers } from '../perform/answers.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import type { WorkerPort } from './worker-port.ts'

/** Writes the outcomes of a worker's tasks, and how long each took. */
export class FrameAnswers implements Answers {
  readonly #port: WorkerPort
  readonly #epoch: number
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
    this.#epoch = epoch
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

  #write({ id, item }: BegunTask, outcome: Payload, timeMs: number): void {
    item.end()
    // Of its own: where the channel is full, other tasks may be done before this is written.
    const header: FrameHeader = {
      kind: frameKind.result,
      flags: 0,
      attempt: item.attempt,
      epoch: this.#epoch,
      id,
      timeMs,
      priority: 0,
    }
    try {
      this.#port.write(header, outcome)
    } catch (error) {
      this.#port.write(header, exceptionPayload(nameEncodeError(error, 'result'), this.origin))
    }
  }
}
