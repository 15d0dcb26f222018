import { ProtocolError } from '@mpservice/wire'
import type { FrameView } from '../channel/frame-view.ts'
import { frameKind } from '../channel/frame.ts'
import { toLocalTime } from '../channel/monotonic-clock.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { BegunTask } from '../perform/begun-task.ts'
import type { Performer } from '../perform/performer.ts'
import { TaskItem } from '../perform/task-item.ts'
import type { AbandonedItems } from './abandoned-items.ts'
import type { FrameAnswers } from './frame-answers.ts'
import type { WorkerPort } from './worker-port.ts'

/** How long a server may sleep while there are results for it and more is being worked on, in ms. */
const longestSilenceMs = 0.2
/** How long a worker may work without a turn of its event loop, in milliseconds. */
const longestTurnMs = 10

/** What a worker loop works with. */
export interface WorkerLoopOptions {
  readonly port: WorkerPort
  readonly answers: FrameAnswers
  readonly performer: Performer
  /** None where abandoned items are finished like others. */
  readonly abandoned: AbandonedItems | undefined
  /** The server wants the worker to end, and all that came before is done. */
  readonly onStop: () => void
}

/** Takes the tasks of one worker, in order, and has them worked on. */
export class WorkerLoop {
  readonly #port: WorkerPort
  readonly #answers: FrameAnswers
  readonly #performer: Performer
  readonly #abandoned: AbandonedItems | undefined
  readonly #onStop: () => void
  #isRunning = false
  #isStopping = false
  #wokenAt = 0
  #turnedAt = 0

  constructor({ port, answers, performer, abandoned, onStop }: WorkerLoopOptions) {
    this.#port = port
    this.#answers = answers
    this.#performer = performer
    this.#abandoned = abandoned
    this.#onStop = onStop
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
    const { id } = frame
    const deadline = toLocalTime(frame.timeMs)
    const item = new TaskItem(id, deadline, frame.attempt, this.#abandoned)
    const task: BegunTask = { id, item, input: undefined, outcome: undefined }
    try {
      task.input = payload.value()
    } catch (error) {
      task.outcome = exceptionPayload(error, this.#answers.origin)
    }
    this.#performer.take(task, !frame.isMoreOfBatch)
  }

  /** The server has taken a task back before this worker has begun it. */
  skip(frame: FrameView): void {
    this.#performer.skip(!frame.isMoreOfBatch)
  }

  /** Works on what there is; call it when there may be something. */
  run(): void {
    if (!this.#isRunning) this.#work().catch((error: unknown) => this.#answers.fail(error))
  }

  async #work(): Promise<void> {
    this.#isRunning = true
    const answers = this.#answers
    answers.clock = performance.now()
    this.#turnedAt = answers.clock
    this.#wokenAt = answers.clock
    let owesTurn = false
    for (;;) {
      while (this.#port.next()) {
        const pending = this.#performer.perform()
        if (pending !== undefined) {
          this.#port.wake()
          await pending
          this.#turnedAt = performance.now()
        }
        if (answers.clock - this.#wokenAt > longestSilenceMs) {
          this.#port.wake()
          this.#wokenAt = answers.clock
        }
        if (answers.clock - this.#turnedAt > longestTurnMs) {
          // The first one may come before anything is read from sockets and pipes.
          await this.#turn()
          await this.#turn()
        }
      }
      this.#port.wake()
      if (this.#isStopping) {
        await this.#performer.finish()
        this.#port.wake()
        this.#onStop()
        return
      }
      if (owesTurn) {
        owesTurn = false
        await this.#turn()
        continue
      }
      const waited = this.#port.wait(this.#performer.isBusy)
      if (waited === 'nothing') break
      answers.clock = performance.now()
      this.#wokenAt = answers.clock
      owesTurn = waited === 'woken'
    }
    this.#isRunning = false
  }

  /** Lets timers and sockets of user code have their turn. */
  async #turn(): Promise<void> {
    this.#port.wake()
    await new Promise((resolve) => setImmediate(resolve))
    this.#answers.clock = performance.now()
    this.#turnedAt = this.#answers.clock
  }
}
