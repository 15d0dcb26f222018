import { lookout } from '../link/lookout.ts'
import type { ChunkPolicy } from './chunk-policy.ts'
import { maySpin } from './spin-budget.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** Lets workers have what they were given in a turn, after its microtasks: what belongs together goes together. */
export class FlushTurn {
  readonly #policy: ChunkPolicy
  readonly #isAlone: () => boolean
  readonly #slots = new Set<WorkerSlot>()
  #newest: WorkerSlot | undefined
  #isDue = false

  /** @param isAlone - Whether a single item is in progress, for which it pays to wait awake. */
  constructor(policy: ChunkPolicy, isAlone: () => boolean) {
    this.#policy = policy
    this.#isAlone = isAlone
  }

  /** A worker was given a task. */
  add(slot: WorkerSlot): void {
    this.#slots.add(slot)
    this.#newest = slot
    if (this.#isDue) return
    this.#isDue = true
    process.nextTick(() => {
      this.#isDue = false
      this.#flush()
    })
  }

  #flush(): void {
    const isBusy = lookout.noteTraffic() && this.#policy.isQuick
    for (const slot of this.#slots) slot.life.link?.flush(isBusy && slot === this.#newest)
    this.#slots.clear()
    if (isBusy && this.#isAlone() && maySpin()) this.#newest?.life.link?.spin()
  }
}
