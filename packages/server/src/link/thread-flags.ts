import type { WorkerOptions } from 'node:worker_threads'

/**
 * Options of every thread: one of a program that was started with `--inspect-brk` would wait at its first
 * line for a debugger, which need not come; without any flags of the program it does not.
 */
export function threadFlags(): Pick<WorkerOptions, 'execArgv'> {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? '']
  return flags.some((flag) => /--inspect-(brk|wait)\b/.test(flag)) ? { execArgv: [] } : {}
}
