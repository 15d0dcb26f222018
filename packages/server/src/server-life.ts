import type { Backlog } from './backlog.ts'
import { ServerClosedError, ServerFailedError } from './errors.ts'
import type { EventListeners } from './insight/event-listeners.ts'
import type { Intake } from './intake.ts'
import type { ServerState } from './server-info.ts'
import type { GivingUp } from './stage/stage.ts'
import type { StartedStages } from './start-stages.ts'

/** What ends with a server. */
interface ServerParts {
  readonly stages: StartedStages
  readonly backlog: Backlog
  readonly intake: Intake
  readonly events: EventListeners
}

/** Where a server is in its life, and how that ends. */
export class ServerLife {
  readonly #parts: ServerParts
  #state: ServerState = 'open'
  #failure: GivingUp | undefined
  #ending: Promise<boolean> | undefined

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  get state(): ServerState {
    return this.#state
  }

  /** @throws {ServerClosedError | ServerFailedError} When no call can be taken in. */
  checkOpen(): void {
    if (this.#state !== 'open') throw this.#refusal()
  }

  /** See `Server.close`. */
  close(drainTimeoutMs: number): Promise<boolean> {
    this.#ending ??= this.#close(drainTimeoutMs)
    return this.#ending
  }

  /** See `Server.kill`. */
  async kill(): Promise<void> {
    const { stages, backlog } = this.#parts
    if (this.#state === 'open' || this.#state === 'closing') {
      this.#become('closed')
      backlog.rejectAll(() => new ServerClosedError('the server was killed'))
      this.#endStreams()
    }
    await stages.kill()
    await this.#ending
  }

  /** A stage has given up. */
  fail(reason: GivingUp): void {
    if (this.#state === 'failed' || this.#state === 'closed') return
    this.#failure = reason
    this.#become('failed')
    this.#parts.backlog.rejectAll(() => this.#refusal())
    this.#endStreams()
    void this.#parts.stages.kill()
  }

  /** A new object for each caller. */
  #refusal(): ServerClosedError | ServerFailedError {
    const reason = this.#failure
    return reason === undefined
      ? new ServerClosedError()
      : new ServerFailedError(reason, { cause: reason.cause })
  }

  async #close(drainTimeoutMs: number): Promise<boolean> {
    let isDrained = false
    const { stages, backlog } = this.#parts
    if (this.#state === 'open') {
      this.#become('closing')
      this.#endStreams()
      stages.root.hurry()
      isDrained = await backlog.drain(drainTimeoutMs)
      backlog.rejectAll(
        () => new ServerClosedError('the server was closed before the item finished'),
      )
    }
    // Workers with an item that nobody waits for do not clean up: their time for it runs out.
    await stages.close()
    if (this.#state !== 'closing') return false
    this.#become('closed')
    return isDrained
  }

  #become(to: ServerState): void {
    const from = this.#state
    this.#state = to
    this.#parts.events.emit({ kind: 'state', from, to })
  }

  /** Streams that wait for inputs; the others notice with their next input. */
  #endStreams(): void {
    this.#parts.intake.endStreams(() => this.#refusal())
  }
}
