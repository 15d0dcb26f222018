import { Fifo } from '../fifo.ts'
import type { Task } from './task.ts'
import type { WorkerSlot } from './worker-slot.ts'

/**
 * Tasks that may have ended their worker. Each is worked on alone by a worker that has nothing else, so
 * that it can only harm itself; at most every second worker is kept for that.
 */
export class Suspects {
  readonly #tasks = new Fifo<Task>()
  /** Workers that are at one. */
  readonly #busy = new Set<WorkerSlot>()
  #isOn = false

  get count(): number {
    return this.#tasks.length
  }

  /** Whether there are none, and no worker is kept for any. */
  get isOff(): boolean {
    return !this.#isOn
  }

  add(task: Task): void {
    this.#isOn = true
    this.#tasks.push(task)
  }

  /** Takes out the tasks for which `isWanted` says no. */
  keep(isWanted: (task: Task) => boolean): Task[] {
    return this.#tasks.keep(isWanted)
  }

  /**
   * Gives suspects to workers that have nothing to do, and keeps workers free for the others.
   *
   * @param give - Gives a worker a task; gives whether there was room, or the task has ended.
   * @param clear - Takes back what a worker has not begun.
   */
  dispatch(
    slots: readonly WorkerSlot[],
    give: (slot: WorkerSlot, task: Task) => boolean,
    clear: (slot: WorkerSlot) => void,
  ): void {
    for (const slot of this.#busy) if (slot.held === 0) this.#busy.delete(slot)
    if (this.count > 0) {
      this.#serve(slots, give)
      this.#keepFree(slots, clear)
    }
    if (this.count > 0) return
    this.#isOn = this.#busy.size > 0
    for (const slot of slots) {
      if (slot.use === 'reserved' && !this.#busy.has(slot)) slot.use = 'shared'
    }
  }

  #serve(slots: readonly WorkerSlot[], give: (slot: WorkerSlot, task: Task) => boolean): void {
    for (const slot of slots) {
      while (slot.isIdle && (this.#mayReserve(slots, slot) || this.#takeOver(slots))) {
        const task = this.#tasks.shift()
        if (task === undefined) return
        slot.use = 'reserved'
        if (!give(slot, task)) {
          this.#tasks.unshift([task])
          break
        }
        if (slot.held > 0) this.#busy.add(slot)
      }
    }
  }

  #keepFree(slots: readonly WorkerSlot[], clear: (slot: WorkerSlot) => void): void {
    let wanted = this.count
    for (const slot of slots) {
      if (slot.use === 'reserved' && !this.#busy.has(slot)) wanted--
    }
    for (const slot of slots) {
      if (wanted <= 0) return
      if (slot.use !== 'shared' || !slot.isReady || !this.#mayReserve(slots, slot)) continue
      slot.use = 'reserved'
      clear(slot)
      wanted--
    }
  }

  /** Lets a worker go that was kept and is still at something else; gives whether there was one. */
  #takeOver(slots: readonly WorkerSlot[]): boolean {
    const slow = slots.find(
      (slot) => slot.use === 'reserved' && !this.#busy.has(slot) && !slot.isIdle,
    )
    if (slow === undefined) return false
    slow.use = 'shared'
    return true
  }

  #mayReserve(slots: readonly WorkerSlot[], slot: WorkerSlot): boolean {
    if (slot.use !== 'shared') return slot.use === 'reserved'
    const reserved = slots.filter(({ use }) => use === 'reserved').length
    return reserved < Math.max(1, slots.length >> 1)
  }
}
