import { Worker as JestWorker } from 'jest-worker'
import type { TaskName } from '../tasks.ts'
import type { Pool } from '../variant.ts'

/** A jest-worker farm whose workers are all started at once; processes use advanced serialization. */
export async function startJestWorker(
  task: TaskName,
  workers: number,
  options: { readonly enableWorkerThreads: boolean },
): Promise<Pool> {
  const farm = new JestWorker(new URL('../tasks.js', import.meta.url), {
    exposedMethods: [task],
    numWorkers: workers,
    ...options,
  })
  await farm.start()
  // The farm puts the methods that it was told of on itself; its declared type does not know them.
  const method: unknown = Reflect.get(farm, task)
  if (typeof method !== 'function') throw new TypeError(`the farm has no method ${task}`)
  return {
    call: (input) => Reflect.apply(method, farm, [input]),
    close: () => farm.end(),
  }
}
