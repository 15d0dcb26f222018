import type { Payload } from '../channel/payload.ts'
import type { CompoundStageMetrics } from '../insight/stage-metrics.ts'
import type { NoteLink } from '../inspect/show-stacks.ts'
import type { Branch } from './flight.ts'
import type { ServerStage } from './stage-knobs.ts'
import type { Stage, StageInfo } from './stage.ts'

/** What all stages that are made of stages do alike. */
export abstract class CompoundStage implements Stage {
  protected readonly members: readonly Stage[]
  readonly #name: string
  readonly #kind: CompoundStageMetrics['kind']

  constructor(name: string, kind: CompoundStageMetrics['kind'], members: readonly Stage[]) {
    this.#name = name
    this.#kind = kind
    this.members = members
  }

  abstract process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void

  get takesBytes(): boolean {
    return this.members.some((member) => member.takesBytes)
  }

  sweep(): void {
    for (const member of this.members) member.sweep()
  }

  hurry(): void {
    for (const member of this.members) member.hurry()
  }

  look(): void {
    for (const member of this.members) member.look()
  }

  isReady(): boolean {
    return this.members.every((member) => member.isReady())
  }

  debugInfo(note?: NoteLink): StageInfo {
    const children = this.members.map((member) => member.debugInfo(note))
    return { name: this.#name, kind: this.#kind, children }
  }

  knobs(): readonly ServerStage[] {
    return this.members.flatMap((member) => member.knobs())
  }

  metrics(): CompoundStageMetrics {
    const children = this.members.map((member) => member.metrics())
    return { name: this.#name, kind: this.#kind, children }
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()))
  }

  async kill(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()))
  }
}
