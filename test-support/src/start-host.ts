import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Host } from './host.ts'

/** How a host program is started; every field is optional. */
export interface HostOptions {
  /** Arguments after the script. */
  readonly args?: readonly string[] | undefined
  /** Options of Node itself, before the script. */
  readonly execArgv?: readonly string[] | undefined
  /** Added to the environment of this process; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The working directory; this process's by default. */
  readonly cwd?: string | undefined
  /** Whether it leads a process group of its own, as `signalGroup` needs; `false` by default. */
  readonly detached?: boolean | undefined
  /** Milliseconds after which it is killed if it has not ended; 60 000 by default. */
  readonly lifetimeMs?: number | undefined
}

/**
 * Runs a Node program in a process of its own, for tests in which the main process must die.
 *
 * Its stdin is empty; its stdout is read line by line and its stderr kept as text.
 *
 * @example
 *   await using host = await startHost(new URL('./fixtures/server.js', import.meta.url))
 *   await host.line('ready')
 *   host.kill('SIGKILL')
 *
 * @param script - The program: a `file:` URL, or a path.
 * @throws {Error} When the system cannot start it.
 */
export async function startHost(script: URL | string, options: HostOptions = {}): Promise<Host> {
  const { args = [], execArgv = [], env = {}, cwd, detached = false, lifetimeMs = 60_000 } = options
  const path = String(script).startsWith('file:') ? fileURLToPath(script) : String(script)
  const child = spawn(process.execPath, [...execArgv, path, ...args], {
    cwd,
    detached,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  return new Host(child, { script: path, isDetached: detached, lifetimeMs })
}
