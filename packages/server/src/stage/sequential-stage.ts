import type { Payload } from '../channel/payload.ts'
import { CompoundStage } from './compound-stage.ts'
import type { Branch } from './flight.ts'
import type { Stage } from './stage.ts'

/** Stages one after the other: the outcome of each is the input of the next. */
export class SequentialStage extends CompoundStage {
  constructor(name: string, members: readonly Stage[]) {
    super(name, 'sequential', members)
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    this.#processFrom(0, branch, input, done)
  }

  #processFrom(
    index: number,
    branch: Branch,
    input: Payload,
    done: (outcome: Payload) => void,
  ): void {
    const member = this.members[index]
    if (member === undefined || input.isException) {
      done(input)
      return
    }
    member.process(branch, input, (outcome) => this.#processFrom(index + 1, branch, outcome, done))
  }
}
