import { getLogger } from '@logtape/logtape'
import { ServerClosedError } from '../errors.ts'
import type { WorkerSpec } from '../servlet.ts'
import { RestartBudget } from './restart-budget.ts'
import type { GivingUp } from './stage.ts'
import type { WantedReason } from './worker-ending.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** What a crew is made from, and whom it tells. */
export interface CrewOptions {
  readonly count: number
  /** Describes a worker by its number in the stage. */
  specOf(workerIndex: number): WorkerSpec
  /** Makes a place for a worker, which is not started yet. */
  makeSlot(spec: WorkerSpec, earlier: number): WorkerSlot
  /** Somebody came or left. */
  onChange(): void
  /** Workers did not start too often. */
  onFailed(reason: GivingUp): void
}

/** The workers of a stage: those who serve, those who come, and those who leave. */
export class Crew {
  /** Those who serve; always the same list. */
  readonly slots: WorkerSlot[]
  readonly #options: CrewOptions
  /** Those who are not ready yet, or finish what they are at. */
  readonly #others = new Set<WorkerSlot>()
  readonly #renewing = new Set<WorkerSlot>()
  readonly #budget = new RestartBudget()
  #changing: Promise<unknown> = Promise.resolve()
  #isEnding = false

  constructor(options: CrewOptions) {
    this.#options = options
    this.slots = Array.from({ length: options.count }, (_, index) => this.#makeSlot(index))
  }

  /** All that may hold tasks. */
  get all(): readonly WorkerSlot[] {
    return this.#others.size === 0 ? this.slots : [...this.slots, ...this.#others]
  }

  /** @throws {WorkerStartError} When one does not become ready. */
  async start(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.life.start()))
  }

  /**
   * Changes how many workers serve: resolves when all new ones are ready and those who leave have ended.
   *
   * @throws {WorkerStartError} When a new one does not become ready; then none comes.
   */
  resize(count: number): Promise<void> {
    return this.#change(async () => {
      const missing = Math.max(0, count - this.slots.length)
      const fresh = Array.from({ length: missing }, (_, index) =>
        this.#makeSlot(this.slots.length + index),
      )
      await this.#bring(fresh)
      this.slots.push(...fresh)
      const leaving = this.slots.splice(count)
      this.#options.onChange()
      await Promise.all(leaving.map((slot) => this.#letGo(slot, 'closed')))
    })
  }

  /**
   * Replaces all workers, one after the other, each when its successor is ready.
   *
   * @throws {WorkerStartError} When a successor does not become ready; the others are left as they are.
   */
  reload(): Promise<void> {
    return this.#change(async () => {
      for (const slot of this.slots) await this.#replace(slot, 'reloaded')
    })
  }

  /** Replaces a worker that has done its share, when its successor is ready. */
  renew(slot: WorkerSlot): void {
    if (this.#renewing.has(slot) || slot.use === 'retiring') return
    this.#renewing.add(slot)
    void this.#renew(slot).finally(() => this.#renewing.delete(slot))
  }

  async close(): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.all.map((slot) => slot.life.close()))
  }

  async kill(): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.all.map((slot) => slot.life.kill()))
  }

  #makeSlot(workerIndex: number, earlier = 0): WorkerSlot {
    return this.#options.makeSlot(this.#options.specOf(workerIndex), earlier)
  }

  /** One change after the other, whether or not the one before has worked. */
  #change(act: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(() => {
      if (this.#isEnding) throw new ServerClosedError()
      return act()
    })
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  async #renew(slot: WorkerSlot): Promise<void> {
    for (;;) {
      try {
        await this.#replace(slot, 'recycled')
        return
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error))
        const delayMs = this.#isEnding ? 'over' : this.#budget.spend()
        if (delayMs === 'over') return
        getLogger(['mpservice', 'server']).warn('{message}; it was to replace another one', {
          message: cause.message,
          error,
        })
        if (delayMs === 'spent') {
          const { deaths, windowMs: withinMs } = this.#budget
          this.#options.onFailed({ workerName: slot.spec.name, deaths, withinMs, cause })
          return
        }
        await new Promise((resolve) => setTimeout(resolve, delayMs).unref())
      }
    }
  }

  async #replace(slot: WorkerSlot, reason: WantedReason): Promise<void> {
    const next = this.#makeSlot(slot.spec.workerIndex, slot.life.epoch)
    await this.#bring([next])
    const index = this.slots.indexOf(slot)
    // It may have left meanwhile.
    if (index === -1) {
      await this.#letGo(next, 'closed')
      return
    }
    this.slots[index] = next
    this.#options.onChange()
    await this.#letGo(slot, reason)
  }

  async #bring(slots: readonly WorkerSlot[]): Promise<void> {
    for (const slot of slots) this.#others.add(slot)
    try {
      await Promise.all(slots.map((slot) => slot.life.start()))
      if (this.#isEnding) throw new ServerClosedError()
    } catch (error) {
      await Promise.all(slots.map((slot) => slot.life.kill()))
      throw this.#isEnding ? new ServerClosedError() : error
    } finally {
      for (const slot of slots) this.#others.delete(slot)
    }
  }

  async #letGo(slot: WorkerSlot, reason: WantedReason): Promise<void> {
    this.#others.add(slot)
    await slot.retire(reason)
    this.#others.delete(slot)
    this.#options.onChange()
  }
}
