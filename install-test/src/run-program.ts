import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** How a program has ended, and what it wrote. */
export interface ProgramEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end in a folder, in the environment of somebody who has only a shell. */
export async function runProgram(
  command: string,
  args: readonly string[],
  folder: string,
): Promise<ProgramEnd> {
  const child = spawn(command, args, {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { exitCode: child.exitCode, stdout, stderr }
}

/** Without what npm and pnpm set for their scripts: it would be settings for those that these run. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !isForScripts(name))
  return Object.fromEntries(entries)
}

function isForScripts(name: string): boolean {
  // With it, what this repository has installed would be found from everywhere.
  if (name === 'NODE_PATH') return true
  // Where packages come from is for the machine to say.
  return /^p?npm_/i.test(name) && !/registry|proxy|cafile|userconfig|globalconfig/i.test(name)
}
