import { exceptionPayload, type Payload, tuplePayload } from '../channel/payload.ts'
import { EnsembleError } from '../errors.ts'
import { toError } from '../to-error.ts'
import { CompoundStage } from './compound-stage.ts'
import type { Branch } from './flight.ts'
import type { Stage } from './stage.ts'

/** Stages side by side: each gets the input, and the outcome is the tuple of theirs. */
export class EnsembleStage extends CompoundStage {
  readonly #failFast: boolean

  constructor(name: string, members: readonly Stage[], failFast: boolean) {
    super(name, 'ensemble', members)
    this.#failFast = failFast
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    const fork = branch.fork()
    const total = this.members.length
    const outcomes: (Payload | undefined)[] = Array.from({ length: total })
    let finished = 0
    let isAnswered = false

    const answer = (outcome: Payload): void => {
      isAnswered = true
      done(outcome)
    }
    const fail = (index: number): void => {
      fork.cancel()
      answer(exceptionPayload(ensembleError(outcomes, finished, index)))
    }
    const kept = this.#shareable(input)
    this.members.forEach((member, index) => {
      member.process(fork, kept, (outcome) => {
        // What others give after the ensemble has failed is nobody's.
        if (isAnswered) return
        const own = keep(outcome)
        outcomes[index] = own
        finished++
        if (own.isException && this.#failFast) fail(index)
        else if (finished === total) {
          const all = outcomes.flatMap((each) => each ?? [])
          if (all.every((each) => each.isException)) fail(0)
          else answer(tuplePayload(all.map(withError)))
        }
      })
    })
  }

  /** What several members take as bytes is encoded once; each of them tells that it cannot be. */
  #shareable(input: Payload): Payload {
    const kept = input.keep()
    if (this.members.filter((member) => member.takesBytes).length < 2) return kept
    try {
      return kept.freeze()
    } catch {
      return kept
    }
  }
}

/** Keeping takes memory, which may be short. */
function keep(outcome: Payload): Payload {
  try {
    return outcome.keep()
  } catch (error) {
    return exceptionPayload(error)
  }
}

/** In the tuple, a thrown value that is no Error could not be told from a result. */
function withError(member: Payload): Payload {
  if (!member.isException) return member
  const thrown = valueOf(member)
  return thrown instanceof Error ? member : exceptionPayload(toError(thrown))
}

/** @param first - The index of the failure that is its cause: the very error among the results. */
function ensembleError(
  outcomes: readonly (Payload | undefined)[],
  finished: number,
  first: number,
): EnsembleError {
  const results = outcomes.map(valueOf)
  return new EnsembleError({ results, finished, total: results.length }, { cause: results[first] })
}

/** A result that cannot be decoded must not hide the failure that is being told. */
function valueOf(outcome: Payload | undefined): unknown {
  try {
    return outcome?.value()
  } catch (error) {
    return error
  }
}
