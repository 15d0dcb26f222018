/** The longest time that a Node timer can wait, in milliseconds; longer ones would fire at once. */
const longestMs = 2 ** 31 - 1

/** A timer that can be stopped. */
export interface StartedTimer {
  stop(): void
}

/**
 * Calls back once after a time, however long; `Infinity` is never.
 *
 * @throws {RangeError} When the time is negative or no number.
 */
export function startTimer(timeoutMs: number, onTime: () => void): StartedTimer {
  checkTimeoutMs(timeoutMs)
  let timer: NodeJS.Timeout | undefined
  const wait = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, longestMs)
    timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : onTime()), stepMs)
  }
  if (timeoutMs !== Infinity) wait(timeoutMs)
  return { stop: () => clearTimeout(timer) }
}

/** @throws {RangeError} When a time in milliseconds is negative or no number. */
export function checkTimeoutMs(timeoutMs: number, option = 'timeoutMs'): void {
  if (!(timeoutMs >= 0)) throw new RangeError(`${option} is ${timeoutMs}: give 0 or more`)
}
