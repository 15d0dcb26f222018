import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

/**
 * Whether the module with this `import.meta.url` is the script that the user started.
 *
 * A script whose functions run in other processes is imported again there; what must happen only
 * once goes behind this guard. It is `false` in threads, in child processes that were started with
 * another script (as all of mpservice are), under `node -e`, and in every module that is merely
 * imported. It never throws.
 *
 * @example
 *   if (isMainModule(import.meta.url)) await main()
 */
export function isMainModule(moduleUrl: string): boolean {
  const script = process.argv[1]
  if (!isMainThread || script === undefined || process.execArgv.some(isEvalFlag)) return false
  try {
    // `node .` and `node script` leave out what require's resolution adds.
    const started = createRequire(moduleUrl).resolve(script)
    return realpathSync(started) === realpathSync(fileURLToPath(moduleUrl))
  } catch {
    return false
  }
}

// Under `node -e code word` the first argument is any word, and may be the name of a module.
function isEvalFlag(argument: string): boolean {
  return /^(-e|-p|-pe|--eval|--print)(=|$)/.test(argument)
}
