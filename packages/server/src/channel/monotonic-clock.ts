/**
 * The difference between the system's monotonic clock, which is the same in all processes of a
 * machine, and this process's `performance.now()`, in milliseconds.
 */
const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** A time on `performance.now()` of this process, as a time that every process understands. */
export function toSystemTime(localMs: number): number {
  return localMs + offsetMs
}

/** A time that came from another process, on `performance.now()` of this one. */
export function toLocalTime(systemMs: number): number {
  return systemMs - offsetMs
}
