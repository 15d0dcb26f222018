import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** How a run of the program has ended and what it has written. */
export interface ProgramRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The built program. */
export const program = new URL('../dist/main.js', import.meta.url)

/**
 * Runs the program to its end.
 *
 * @param launcher - A command, with its arguments, that starts Node.
 */
export async function runProgram(
  args: readonly string[],
  { cwd, launcher = [] }: { readonly cwd?: string; readonly launcher?: readonly string[] } = {},
): Promise<ProgramRun> {
  const [command = process.execPath, ...rest] = [
    ...launcher,
    process.execPath,
    fileURLToPath(program),
    ...args,
  ]
  const child = spawn(command, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: child.exitCode, stdout, stderr }
}
