import type { WorkItem } from '../base-worker.ts'

/** Where a worker learns which of its items nobody waits for any more. */
export interface Abandonment {
  /** Changes whenever an item is added. */
  readonly generation: number
  has(id: number): boolean
}

/** The same, for items that want to be told. */
export interface ItemWatch extends Abandonment {
  listen(item: TaskItem): void
  leave(item: TaskItem): void
}

/** What user code knows of the item that it is working on. */
export class TaskItem implements WorkItem {
  readonly deadline: number
  readonly attempt: number
  readonly #id: number
  readonly #watch: ItemWatch | undefined
  #seenGeneration = 0
  #isAbandoned = false
  #controller: AbortController | undefined

  /** @param watch - None where abandoned items are finished like others. */
  constructor(id: number, deadline: number, attempt: number, watch: ItemWatch | undefined) {
    this.deadline = deadline
    this.attempt = attempt
    this.#id = id
    this.#watch = watch
    this.#controller = undefined
  }

  isAbandoned(): boolean {
    if (this.#isAbandoned || this.#watch === undefined) return this.#isAbandoned
    if (this.#watch.generation !== this.#seenGeneration) {
      this.#seenGeneration = this.#watch.generation
      this.#isAbandoned = this.#watch.has(this.#id)
    }
    return this.#isAbandoned
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#watch?.listen(this)
      this.look()
    }
    return this.#controller.signal
  }

  /** Something was added to the abandoned items. */
  look(): void {
    if (this.#controller === undefined || !this.isAbandoned()) return
    this.#controller.abort(new DOMException('nobody waits for this item any more', 'AbortError'))
  }

  /** Its outcome is known. */
  end(): void {
    if (this.#controller !== undefined) this.#watch?.leave(this)
  }
}
