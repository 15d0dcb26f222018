import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { CompoundStage } from './compound-stage.ts'
import type { Branch } from './flight.ts'
import type { Stage } from './stage.ts'
import { abandonedPayload } from './task.ts'

/** Stages of which each item goes to one, as a function of the user's says. */
export class SwitchStage extends CompoundStage {
  readonly #name: string
  readonly #select: (input: unknown) => unknown

  constructor(name: string, members: readonly Stage[], select: (input: unknown) => unknown) {
    super(name, 'switch', members)
    this.#name = name
    this.#select = select
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    if (branch.isCancelled) {
      done(abandonedPayload)
      return
    }
    let member: Stage
    try {
      member = this.#choose(input)
    } catch (error) {
      done(exceptionPayload(error))
      return
    }
    // As it came: what came as bytes goes on as bytes.
    member.process(branch, input, done)
  }

  /** @throws {RangeError} When there is no such member; also what `select` throws. */
  #choose(input: Payload): Stage {
    const index = this.#select(input.value())
    const member = typeof index === 'number' ? this.members[index] : undefined
    if (member !== undefined) return member
    // Nobody else would look at it.
    if (isPromiseLike(index)) Promise.resolve(index).then(undefined, () => undefined)
    throw new RangeError(
      `select of '${this.#name}' gave ${describeIndex(index)}, which is none of its ${this.members.length} servlets: give an index from 0 to ${this.members.length - 1}`,
    )
  }
}

function describeIndex(index: unknown): string {
  if (typeof index === 'number' || index === undefined || index === null) return String(index)
  if (isPromiseLike(index)) return 'a promise'
  return typeof index === 'object' ? 'an object' : `a ${typeof index}`
}
