import { parentPort, workerData } from 'node:worker_threads'
import { spin } from '../tasks.ts'

const settings: unknown = workerData
if (!isSettings(settings)) throw new TypeError('bare-spin-main needs iterations and seconds')
parentPort?.postMessage(spinFor(settings))

/** Calls the task until time is up; gives the calls per second. */
function spinFor({ iterations, seconds }: { iterations: number; seconds: number }): number {
  const startedAt = performance.now()
  let calls = 0
  let elapsedMs: number
  do {
    spin(iterations)
    calls += 1
    elapsedMs = performance.now() - startedAt
  } while (elapsedMs < seconds * 1000)
  return (calls / elapsedMs) * 1000
}

function isSettings(value: unknown): value is { iterations: number; seconds: number } {
  return typeof value === 'object' && value !== null && 'iterations' in value && 'seconds' in value
}
