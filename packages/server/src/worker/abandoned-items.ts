import type { Abandonment, ItemWatch, TaskItem } from '../perform/task-item.ts'

/** The items of a worker that nobody waits for, and those of its items that want to be told. */
export class AbandonedItems implements ItemWatch {
  readonly #source: Abandonment
  readonly #listening = new Set<TaskItem>()

  constructor(source: Abandonment) {
    this.#source = source
  }

  get generation(): number {
    return this.#source.generation
  }

  has(id: number): boolean {
    return this.#source.has(id)
  }

  listen(item: TaskItem): void {
    this.#listening.add(item)
  }

  leave(item: TaskItem): void {
    this.#listening.delete(item)
  }

  /** Something may have been added. */
  look(): void {
    for (const item of this.#listening) item.look()
  }
}

/** Abandoned items of which frames tell. */
export class AbandonedSet implements Abandonment {
  readonly #ids = new Set<number>()
  generation = 0

  add(id: number): void {
    this.#ids.add(id)
    this.generation++
  }

  delete(id: number): void {
    this.#ids.delete(id)
  }

  has(id: number): boolean {
    return this.#ids.has(id)
  }
}
