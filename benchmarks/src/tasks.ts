/** Gives back what it gets: a no-op for a number, a copy through the channel for anything else. */
export function echo(value: unknown): unknown {
  return value
}

/** Adds one, so that the number of stages that an item has passed can be seen in its result. */
export function increment(value: unknown): number {
  return wholeNumber(value) + 1
}

/** Keeps a CPU busy for a number of iterations and gives a checksum that depends on all of them. */
export function spin(iterations: unknown): number {
  const count = wholeNumber(iterations)
  let state = 1
  // A linear congruential generator: each step needs the one before, so nothing can be left out.
  for (let i = 0; i < count; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return state
}

/** What workers can be asked to do; the same functions for every variant. */
export const tasks = { echo, increment, spin }

/** The name of a task, by which a variant's workers find it. */
export type TaskName = keyof typeof tasks

/** Whether a value names a task. */
export function isTaskName(value: unknown): value is TaskName {
  return typeof value === 'string' && Object.hasOwn(tasks, value)
}

function wholeNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw new TypeError(`a task got ${typeof value} instead of a whole number`)
}
