import type { ChunkPolicy } from './chunk-policy.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** So many quick items are worth waking a worker for; two that take turns keep their server busy. */
const itemsPerWake = 16

/** Chooses who gets what could still grow: only a worker that would have nothing to do otherwise. */
export function chooseFreeSlot(
  slots: readonly WorkerSlot[],
  last: WorkerSlot | undefined,
  concurrency: number,
): WorkerSlot | undefined {
  if (last !== undefined && last.load === 0 && last.takesMore) return last
  let least: WorkerSlot | undefined
  for (const slot of slots) {
    if (slot.load < concurrency && slot.takesMore && slot.load < (least?.load ?? Infinity)) {
      least = slot
    }
  }
  return least
}

/**
 * Chooses who gets the next task: the worker used last, whose caches and thread are warm, until it has
 * so much to do that waking another one pays; then an idle one; then the one that holds least.
 */
export function chooseSlot(
  slots: readonly WorkerSlot[],
  last: WorkerSlot | undefined,
  { itemsAhead, itemsTogether }: ChunkPolicy,
): WorkerSlot | undefined {
  if (last?.canWithdraw === true && last.takesMore) {
    const enough =
      last.life.link?.isAwake === true ? itemsTogether : Math.min(itemsTogether, itemsPerWake)
    if (last.load < enough) return last
  }
  let least: WorkerSlot | undefined
  for (const slot of slots) {
    if (slot.load < itemsAhead && slot.takesMore && slot.load < (least?.load ?? Infinity)) {
      least = slot
    }
  }
  return least
}
