import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds } from '../cpu-time.ts'
import { keepInFlight, upTo } from '../exchange.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'
import { numbersPlus } from './numbers.ts'

/** For each second that a measurement lasts. */
const idleSeconds = 10
/** The pool has been idle for so long when its time begins to count: V8 tidies up some 8 s after work. */
const settlingSeconds = 12
/** So many calls are made before, since some pools start nothing until the first ones come. */
const calls = 100

/** How much of a CPU a started pool uses while nobody calls it. */
export const idleCpu: Workload = {
  name: 'idle-cpu',
  title: 'CPU time of all processes while two workers are idle, of one CPU',
  unit: '%',
  better: 'lower',
  isComparable: false,
  maxRounds: 1,
  measure: (variant, { seconds }) =>
    withPool(variant.start('echo', 2), async (pool) => {
      const options = { inFlight: 4, mayBegin: upTo(calls), isExact: true }
      await keepInFlight(pool, numbersPlus(0), options)
      await delay(settlingSeconds * seconds * 1000)
      const before = cpuSeconds()
      const startedAt = performance.now()
      await delay(idleSeconds * seconds * 1000)
      const elapsedMs = performance.now() - startedAt
      const usedMs = (cpuSeconds() - before) * 1000
      return { value: (usedMs / elapsedMs) * 100, details: { cpuMs: usedMs, elapsedMs } }
    }),
}
