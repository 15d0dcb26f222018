import { systemCalls } from './system-calls.ts'

/**
 * Blocks this thread until a doorbell has rung: until there is something to read from a descriptor, or
 * its other end is closed. Nothing is read. Gives whether that is so; not when time was up, or a signal
 * came.
 *
 * For a parked side of a ring that has nothing else to do: nothing else runs in this thread meanwhile.
 *
 * @param timeoutMs - A whole number of milliseconds, less than 2^31; 0 only looks.
 * @throws {RangeError} When the descriptor or the time is no such number.
 * @throws {SharedMemoryUnavailableError} When memory cannot be shared in this program.
 * @throws {SharedMemorySystemError} When the descriptor is not open.
 */
export function waitForDoorbell(fd: number, timeoutMs: number): boolean {
  // The system would wait for ever for a negative time, and ignore a negative descriptor.
  if (!isCount(fd)) throw new RangeError(`${fd} is no descriptor`)
  if (!isCount(timeoutMs)) throw new RangeError(`nothing waits for ${timeoutMs} ms`)
  return systemCalls().waitReadable(fd, timeoutMs)
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31
}
