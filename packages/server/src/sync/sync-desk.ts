import { TimeoutError } from '@mpservice/contract'
import { isEncodeError } from '@mpservice/process'
import { ProtocolError } from '@mpservice/wire'
import type { FrameView } from '../channel/frame-view.ts'
import { type FrameHeader, plainHeader } from '../channel/frame.ts'
import { type Payload, valuePayload } from '../channel/payload.ts'
import { ServerClosedError, ServerFailedError } from '../errors.ts'
import { describeThrown } from '../to-error.ts'
import { isWorkerStartError, WorkerCrashedError, WorkerStartError } from '../worker-errors.ts'
import { type PendingAnswer, PendingAnswers } from './pending-answers.ts'
import { syncKind } from './sync-frame.ts'
import { SyncLink, type SyncLinkOptions } from './sync-link.ts'

/** How much longer than its time-out an answer is waited for: the server tells more about it, in ms. */
const graceMs = 100
/** How long the number of items is waited for, in milliseconds. */
const countMs = 1_000
/** How long room is waited for to drop the items of a stream, in milliseconds. */
const leaveMs = 1_000
/** How long the clean-up of workers may take besides the drain, in milliseconds. */
const cleanUpMs = 5_000
/** How long a thread may take to end its workers when it is killed, in milliseconds. */
const killMs = 500
/** How long the end of a thread is waited for, in milliseconds. */
const endMs = 2_000

/** Where a blocked caller asks a server in another thread, and gets the answers. */
export class SyncDesk {
  readonly #name: string
  readonly #link: SyncLink
  readonly #answers = new PendingAnswers()
  #state: 'starting' | 'open' | 'closed' = 'starting'
  #startFailure: { readonly thrown: unknown } | undefined

  constructor(options: Omit<SyncLinkOptions, 'onFrame'>) {
    this.#name = options.boot.name
    this.#link = new SyncLink({
      ...options,
      onFrame: (frame, payload) => this.#take(frame, payload),
    })
  }

  /** @throws {WorkerStartError} When the server does not start; its thread has ended then. */
  waitUntilReady(startTimeoutMs: number): void {
    const until = performance.now() + startTimeoutMs
    const hasAnswer = (): boolean => this.#state === 'open' || this.#startFailure !== undefined
    this.#link.wait(hasAnswer, until)
    if (this.#state === 'open') return
    const error = this.#startError(startTimeoutMs)
    this.kill()
    throw error
  }

  /**
   * Sends a question; blocks while there is no room for it.
   *
   * @param stream - The number of the stream that it is for.
   * @throws {EncodeError} When the input cannot be carried.
   * @throws {TimeoutError} When there is no room until its time is up.
   */
  ask(kind: number, input: unknown, timeoutMs: number, stream = 0): PendingAnswer {
    this.#assertOpen()
    const { id, answer } = this.#answers.add(timeoutMs)
    try {
      const header = { ...plainHeader(kind, stream), id, timeMs: timeoutMs }
      answer.release = this.#write(header, valuePayload(input), answer)
      return answer
    } catch (error) {
      this.#answers.remove(id)
      throw error
    }
  }

  /** The same for an item of a stream, whose own error it is when it cannot be carried. */
  askForItem(input: unknown, timeoutMs: number, stream: number): PendingAnswer {
    try {
      return this.ask(syncKind.enqueue, input, timeoutMs, stream)
    } catch (error) {
      if (!isEncodeError(error)) throw error
      const outcome = { isException: true, value: error }
      return { timeoutMs, askedAt: performance.now(), outcome, release: undefined }
    }
  }

  /** Takes in what has come; gives whether there is an answer. */
  look(answer: PendingAnswer): boolean {
    if (answer.outcome === undefined) this.#link.drain()
    return answer.outcome !== undefined
  }

  /**
   * Blocks until there is an answer; when time is up, that is the answer.
   *
   * @throws {WorkerCrashedError} When the thread died.
   * @throws {ServerClosedError} When the server was closed before.
   */
  settle(answer: PendingAnswer): void {
    const { askedAt, timeoutMs } = answer
    const isAnswered = (): boolean => answer.outcome !== undefined
    if (this.#link.wait(isAnswered, askedAt + timeoutMs + graceMs)) return
    this.#assertAlive()
    answer.outcome = { isException: true, value: timeoutError('total', answer) }
  }

  /** Says that nobody waits any more for the items of a stream. */
  leave(stream: number): void {
    if (this.#state !== 'open' || this.#link.exitCode !== undefined) return
    const times = { askedAt: performance.now(), timeoutMs: leaveMs }
    try {
      this.#write({ ...plainHeader(syncKind.leave, 0), id: stream }, undefined, times)
    } catch {
      // The items are worked on to the end, or there is nobody who would.
    }
  }

  /** How many items are in progress. */
  count(): number {
    if (this.#state !== 'open' || this.#link.exitCode !== undefined) return 0
    const answer = this.ask(syncKind.count, undefined, countMs)
    this.#link.wait(() => answer.outcome !== undefined, answer.askedAt + countMs)
    const count = answer.outcome?.value
    // A thread that is kept busy does not answer.
    return typeof count === 'number' ? count : this.#answers.count
  }

  close(drainTimeoutMs: number): void {
    if (this.#state === 'open' && this.#link.exitCode === undefined) {
      this.#state = 'closed'
      const answer = { askedAt: performance.now(), timeoutMs: drainTimeoutMs }
      const until = answer.askedAt + drainTimeoutMs + cleanUpMs
      try {
        const header = { ...plainHeader(syncKind.close, 0), timeMs: drainTimeoutMs }
        this.#write(header, undefined, answer)
        this.#link.waitForEnd(until - performance.now())
      } catch {
        // There is no room, or no thread, for the wish.
      }
    }
    this.kill()
  }

  kill(): void {
    this.#state = 'closed'
    if (this.#link.exitCode === undefined) {
      // A thread that ends its workers itself leaves nothing of them in the table of processes.
      this.#link.tryWrite(plainHeader(syncKind.kill, 0))
      this.#link.waitForEnd(killMs)
    }
    this.#link.terminate(endMs)
  }

  #write(
    header: FrameHeader,
    payload: Payload | undefined,
    times: Pick<PendingAnswer, 'askedAt' | 'timeoutMs'>,
  ): (() => void) | undefined {
    for (;;) {
      const written = this.#link.tryWrite(header, payload)
      if (written !== false) return written === true ? undefined : written
      this.#assertAlive()
      if (performance.now() > times.askedAt + times.timeoutMs) throw timeoutError('enqueue', times)
      this.#link.waitForRoom()
    }
  }

  #take({ kind, id }: FrameView, payload: Payload): void {
    switch (kind) {
      case syncKind.result:
        this.#answers.settle(id, payload)
        break
      case syncKind.ready:
        this.#state = 'open'
        break
      case syncKind.startFailed:
        this.#startFailure = { thrown: payload.value() }
        break
      case syncKind.uncaught:
        this.#link.noteCause(payload.value())
        break
      default:
        throw new ProtocolError(`a frame of unknown kind ${kind} from the thread of a SyncServer`)
    }
  }

  /** @throws {ServerClosedError | ServerFailedError} When nothing can be asked any more. */
  #assertOpen(): void {
    if (this.#state === 'closed') throw new ServerClosedError()
    if (this.#link.exitCode === undefined) return
    const cause = this.#crash()
    throw new ServerFailedError({ workerName: cause.workerName, deaths: 1 }, { cause })
  }

  /** @throws {ServerClosedError | WorkerCrashedError} When nothing will be answered any more. */
  #assertAlive(): void {
    if (this.#link.exitCode === undefined) return
    if (this.#state === 'closed') throw new ServerClosedError()
    throw this.#crash()
  }

  #crash(): WorkerCrashedError {
    // The thread may have said why.
    this.#link.drain()
    const { exitCode = null, cause } = this.#link
    return new WorkerCrashedError(
      { workerName: this.#name, pid: undefined, exitCode, signalCode: null, stderrTail: '' },
      cause === undefined ? {} : { cause },
    )
  }

  #startError(startTimeoutMs: number): Error {
    const workerName = this.#name
    if (this.#startFailure !== undefined) {
      const cause = this.#startFailure.thrown
      if (isWorkerStartError(cause)) return cause
      return new WorkerStartError(
        { workerName, reason: 'threw', detail: describeThrown(cause) },
        { cause },
      )
    }
    if (this.#link.exitCode !== undefined) {
      const cause = this.#crash()
      return new WorkerStartError(
        { workerName, reason: 'exited', detail: cause.message },
        { cause: cause.cause ?? cause },
      )
    }
    const detail = `it was not ready after ${startTimeoutMs} ms`
    return new WorkerStartError({ workerName, reason: 'timeout', detail })
  }
}

function timeoutError(
  phase: 'enqueue' | 'total',
  { askedAt, timeoutMs }: Pick<PendingAnswer, 'askedAt' | 'timeoutMs'>,
): TimeoutError {
  return new TimeoutError({ phase, elapsedMs: performance.now() - askedAt, timeoutMs })
}
