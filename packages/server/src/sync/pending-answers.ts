import type { Payload } from '../channel/payload.ts'

/** What was asked, and the answer once it is there. */
export interface PendingAnswer {
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number
  /** When it was asked, on the clock of `performance.now()`. */
  readonly askedAt: number
  outcome: { readonly isException: boolean; readonly value: unknown } | undefined
  /** Frees the memory that the question was put into. */
  release: (() => void) | undefined
}

/** What a thread was asked and has not answered, by numbers that are never used again. */
export class PendingAnswers {
  readonly #answers = new Map<number, PendingAnswer>()
  #lastId = 0

  /** How many answers are missing, those included that nobody waits for any more. */
  get count(): number {
    return this.#answers.size
  }

  /** Gives the number for the next question, which is registered before it is sent. */
  add(timeoutMs: number): { readonly id: number; readonly answer: PendingAnswer } {
    const id = ++this.#lastId
    const askedAt = performance.now()
    const answer = { timeoutMs, askedAt, outcome: undefined, release: undefined }
    this.#answers.set(id, answer)
    return { id, answer }
  }

  /** Forgets a question that was not sent. */
  remove(id: number): void {
    this.#answers.delete(id)
  }

  /** Takes in an answer, whose payload is valid until this returns. */
  settle(id: number, payload: Payload): void {
    const answer = this.#answers.get(id)
    if (answer === undefined) return
    this.#answers.delete(id)
    answer.release?.()
    // Nobody waits for it any more if there is one already.
    answer.outcome ??= decodeOutcome(payload)
  }
}

function decodeOutcome(payload: Payload): PendingAnswer['outcome'] {
  try {
    return { isException: payload.isException, value: payload.value() }
  } catch (error) {
    return { isException: true, value: error }
  }
}
