/** @throws {RangeError} When a capacity is no whole number of at least 1. */
export function checkCapacity(capacity: number): void {
  if (Number.isInteger(capacity) && capacity >= 1) return
  throw new RangeError(`capacity is ${capacity}: give a whole number of at least 1`)
}
