import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

/**
 * Checks a list of CPU numbers against the CPUs of this machine.
 *
 * @throws {TypeError} When it is no list.
 * @throws {RangeError} When the list is empty or names a CPU that the machine does not have.
 */
export function checkCpus(list: readonly number[]): void {
  if (!Array.isArray(list)) throw new TypeError('cpus is not a list of CPU numbers')
  if (list.length === 0)
    throw new RangeError('the list of CPUs is empty: leave it out for no pinning')
  const present = machineCpus()
  for (const cpu of list) {
    if (!present.has(cpu)) {
      throw new RangeError(
        `CPU ${cpu} does not exist: this machine has CPUs ${[...present].join(', ')}`,
      )
    }
  }
}

/** How many CPUs this process may use, at least 1; honours its affinity. */
export function cpuCount(): number {
  return availableParallelism()
}

function machineCpus(): Set<number> {
  try {
    return parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8'))
  } catch {
    return new Set(cpus().keys())
  }
}

/** Reads the kernel's notation of a set of CPUs, such as `0-3,8`. */
function parseCpuList(text: string): Set<number> {
  const numbers = new Set<number>()
  for (const range of text.trim().split(',')) {
    const [first, last = first] = range.split('-').map(Number)
    if (first === undefined || last === undefined) continue
    for (let cpu = first; cpu <= last; cpu++) numbers.add(cpu)
  }
  return numbers
}
