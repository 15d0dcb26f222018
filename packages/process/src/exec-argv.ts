/** Flags of Node that belong to one process only: debuggers, test runners, profilers, programs. */
const ownFlags =
  /^--?(inspect|debug|eval|print|input-type|test|watch|check|interactive|cpu-prof|heap-prof|prof|build-snapshot|e$|p$|pe$|c$|i$)/
/** Those of them whose value may be the next argument. */
const valueFlags =
  /^(-e|-p|-pe|--(eval|print|input-type|inspect-port|debug-port|inspect-publish-uid|watch-path|(cpu|heap)-prof-(dir|name|interval)|test-(reporter|reporter-destination|name-pattern|skip-pattern|concurrency|timeout|shard|isolation|coverage-\w+)))$/

/**
 * The flags of this Node process that a child should have too: loaders and conditions pass on,
 * debuggers, test runners, profilers and inline programs do not.
 *
 * A child that inherited `--inspect-brk` would wait for a debugger for ever.
 */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = []
  for (let index = 0; index < execArgv.length; index++) {
    const flag = execArgv[index] ?? ''
    if (!ownFlags.test(flag)) kept.push(flag)
    else if (valueFlags.test(flag)) index++
  }
  return kept
}

/** The environment for a child: what is given, without debugger flags in `NODE_OPTIONS`. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const nodeOptions = env['NODE_OPTIONS']
  if (nodeOptions === undefined) return env
  const kept = inheritedExecArgv(nodeOptions.split(' ').filter((flag) => flag !== ''))
  return { ...env, NODE_OPTIONS: kept.join(' ') }
}
