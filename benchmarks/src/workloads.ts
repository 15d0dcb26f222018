import type { Workload } from './workload.ts'
import { batching } from './workloads/batching.ts'
import { cpuTasks } from './workloads/cpu-tasks.ts'
import { echoOf } from './workloads/echo.ts'
import { ensemble } from './workloads/ensemble.ts'
import { firstResult } from './workloads/first-result.ts'
import { idleCpu } from './workloads/idle-cpu.ts'
import { map } from './workloads/map.ts'
import { memoryGrowth } from './workloads/memory-growth.ts'
import { nestedObject } from './workloads/nested-object.ts'
import { noopLatency } from './workloads/noop-latency.ts'
import { noopThroughput } from './workloads/noop-throughput.ts'
import { stream } from './workloads/stream.ts'
import { sync } from './workloads/sync.ts'
import { threeStages } from './workloads/three-stages.ts'

/** All workloads, in the order in which they are measured and shown. */
export const workloads: readonly Workload[] = [
  noopLatency,
  noopThroughput,
  nestedObject,
  echoOf('echo-1k', '1 KiB', 2 ** 10),
  echoOf('echo-64k', '64 KiB', 2 ** 16),
  echoOf('echo-1m', '1 MiB', 2 ** 20),
  echoOf('echo-16m', '16 MiB', 2 ** 24),
  stream,
  threeStages,
  batching,
  map,
  sync,
  ensemble,
  cpuTasks,
  firstResult,
  memoryGrowth,
  idleCpu,
]
