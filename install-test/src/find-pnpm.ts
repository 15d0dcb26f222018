import { runProgram } from './run-program.ts'

/**
 * Fetches pnpm 12 and gives its path: starting it through npx each time would take longer than what it
 * has to do.
 *
 * @throws {Error} When npx cannot get it; the message is what it wrote.
 */
export async function findPnpm(folder: string): Promise<string> {
  const args = ['-y', '--package', 'pnpm@12', '--call', 'command -v pnpm']
  const { exitCode, stdout, stderr } = await runProgram('npx', args, folder)
  const path = stdout.trim()
  if (exitCode !== 0 || path === '') throw new Error(`npx: exit code ${exitCode}\n${stderr}`)
  return path
}
