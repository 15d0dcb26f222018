/** Flags of Node that belong to one process only, with those whose value is an argument of its own. */
const ownFlags =
  /^--?(inspect|debug|eval|print|test|watch|check|interactive|cpu-prof|heap-prof|prof|build-snapshot|e$|p$|pe$|c$|i$)/
const flagsWithValue = new Set([
  '-e',
  '--eval',
  '-p',
  '--print',
  '-pe',
  '--inspect-port',
  '--watch-path',
])

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
    if (flagsWithValue.has(flag)) index++
    else if (!ownFlags.test(flag)) kept.push(flag)
  }
  return kept
}

/** The environment for a child: what is given, without debugger flags in `NODE_OPTIONS`. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const nodeOptions = env['NODE_OPTIONS']
  if (nodeOptions === undefined) return env
  const kept = nodeOptions
    .split(' ')
    .filter((flag) => !ownFlags.test(flag))
    .join(' ')
  return { ...env, NODE_OPTIONS: kept }
}
