import type { Payload } from './payload.ts'

/** A payload that cannot be had, in this process; whoever wants it gets the reason. */
export class FailedPayload implements Payload {
  readonly isException = false
  readonly #reason: unknown

  constructor(reason: unknown) {
    this.#reason = reason
  }

  value(): never {
    throw this.#reason
  }

  bytes(): never {
    throw this.#reason
  }

  writeInto(): never {
    throw this.#reason
  }

  roughBytes(): number {
    return 0
  }

  keep(): Payload {
    return this
  }

  freeze(): never {
    throw this.#reason
  }
}
