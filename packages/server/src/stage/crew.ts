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
  readonly slots: WorkerSlot[] = []
  readonly #options: CrewOptions
  /** Those who are not ready yet, or finish what they are at. */
  readonly #others = new Set<WorkerSlot>()
  readonly #renewing = new Set<WorkerSlot>()
  readonly #budget = new RestartBudget()
  #changing: Promise<unknown> = Promise.resolve()
  #isEnding = false

  constructor(options: CrewOptions) {
    this.#options = options
    for (let index = 0; index < options.count; index++) this.slots.push(this.#makeSlot(index))
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
  async resize(count: number): Promise<void> {
    const gone = await this.#change(async () => {
      const missing = Math.max(0, count - this.slots.length)
      const fresh = Array.from({ length: missing }, (_, index) =>
        this.#makeSlot(this.slots.length + index),
      )
      await this.#bring(fresh, () => this.slots.push(...fresh))
      return this.#letGo(this.slots.splice(count), 'closed')
    })
    await gone.ended
  }

  /**
   * Replaces all workers, one after the other, each when its successor is ready.
   *
   * @throws {WorkerStartError} When a successor does not become ready; the others are left as they are.
   */
  async reload(): Promise<void> {
    const gone = await this.#change(async () => {
      const ended: Promise<unknown>[] = []
      for (const { spec } of this.slots.slice()) {
        // Whoever serves there then may have come meanwhile, with code that is as old.
        const leaving = await this.#succeed(spec, () => true, 'reloaded')
        ended.push(leaving.ended)
      }
      return { ended: Promise.all(ended) }
    })
    await gone.ended
  }

  /** Replaces a worker that has done its share, when its successor is ready; gives whether it will be. */
  renew(slot: WorkerSlot): boolean {
    if (this.#renewing.has(slot) || !this.slots.includes(slot)) return false
    this.#renewing.add(slot)
    void this.#renew(slot).finally(() => this.#renewing.delete(slot))
    return true
  }

  async close(): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.all.map((slot) => slot.life.close()))
  }

  async kill(): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.all.map((slot) => slot.life.kill()))
  }

  #makeSlot(workerIndex: number): WorkerSlot {
    const epochs = this.all.flatMap(({ spec, life }) =>
      spec.workerIndex === workerIndex ? [life.epoch] : [],
    )
    return this.#options.makeSlot(this.#options.specOf(workerIndex), Math.max(0, ...epochs))
  }

  /** One change after the other, whether or not the one before has worked. */
  #change<Result>(act: () => Promise<Result>): Promise<Result> {
    const changed = this.#changing.then(act)
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  async #renew(slot: WorkerSlot): Promise<void> {
    for (;;) {
      try {
        await this.#succeed(slot.spec, (serving) => serving === slot, 'recycled')
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

  /**
   * Brings a worker and puts it into the place of the one who serves there then; it leaves again when
   * that is nobody, or somebody else than was meant.
   */
  async #succeed(
    { workerIndex }: WorkerSpec,
    isMeant: (serving: WorkerSlot) => boolean,
    reason: WantedReason,
  ): Promise<Leaving> {
    const next = this.#makeSlot(workerIndex)
    let leaving = next
    await this.#bring([next], () => {
      const index = this.slots.findIndex(({ spec }) => spec.workerIndex === workerIndex)
      const serving = this.slots[index]
      if (serving === undefined || !isMeant(serving)) return
      this.slots[index] = next
      leaving = serving
    })
    return this.#letGo([leaving], leaving === next ? 'closed' : reason)
  }

  /** Starts workers; when all are ready they are put where they belong, at once. */
  async #bring(slots: readonly WorkerSlot[], place: () => void): Promise<void> {
    if (this.#isEnding) throw new ServerClosedError()
    for (const slot of slots) this.#others.add(slot)
    try {
      await Promise.all(slots.map((slot) => slot.life.start()))
      if (this.#isEnding) throw new ServerClosedError()
    } catch (error) {
      await Promise.all(slots.map((slot) => slot.life.kill()))
      for (const slot of slots) this.#others.delete(slot)
      throw this.#isEnding ? new ServerClosedError() : error
    }
    for (const slot of slots) this.#others.delete(slot)
    place()
  }

  #letGo(slots: readonly WorkerSlot[], reason: WantedReason): Leaving {
    for (const slot of slots) {
      this.#others.add(slot)
      // All of them, before the first one gives back what others may take.
      slot.use = 'retiring'
    }
    const ended = slots.map(async (slot) => {
      await slot.retire(reason)
      this.#others.delete(slot)
      this.#options.onChange()
    })
    this.#options.onChange()
    return { ended: Promise.all(ended) }
  }
}

/** Workers that leave, in an object so that nobody waits for them by accident. */
interface Leaving {
  readonly ended: Promise<unknown>
}
