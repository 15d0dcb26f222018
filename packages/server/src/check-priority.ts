/** @throws {RangeError} When a priority is no whole number from -128 to 127. */
export function checkPriority(priority: number): void {
  if (Number.isInteger(priority) && priority >= -128 && priority <= 127) return
  throw new RangeError(`priority is ${priority}: give a whole number from -128 to 127`)
}
