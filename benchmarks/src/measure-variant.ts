import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Outcome, parseOutcome } from './outcome.ts'

/** What is to be measured in a process of its own. */
export interface MeasureRequest {
  readonly variant: string
  /** One after the other, in the same process. */
  readonly workloads: readonly string[]
  /** The length of one measurement. */
  readonly seconds: number
  /** How long one workload may take before its process is killed. */
  readonly limitMs: number
  /** Ends the measurement; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** What the process runs. Default: the program that measures variants. */
  readonly program?: URL | undefined
}

/**
 * Measures a variant in a fresh process; gives an outcome for each workload, in order.
 *
 * A workload that hangs or takes its process with it is an outcome, too; the workloads behind it are
 * measured in another process. No process is left, whatever happens.
 */
export async function measureVariant(request: MeasureRequest): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  while (outcomes.length < request.workloads.length) {
    const workloads = request.workloads.slice(outcomes.length)
    outcomes.push(...(await measureInProcess({ ...request, workloads })))
  }
  return outcomes
}

/** Gives at least one outcome; fewer than there are workloads when the process did not survive. */
async function measureInProcess(request: MeasureRequest): Promise<readonly Outcome[]> {
  const { workloads, limitMs, signal } = request
  signal?.throwIfAborted()
  const child = startProcess(request)
  const stderr = lastLineOf(readableOf(child, 2))
  const outcomes: Outcome[] = []
  let isOverdue = false
  const timer = setTimeout(() => {
    isOverdue = true
    killGroup(child)
  }, limitMs)
  const onAbort = (): void => killGroup(child)
  signal?.addEventListener('abort', onAbort)
  createInterface({ input: readableOf(child, 3) }).on('line', (line) => {
    outcomes.push(readOutcome(line))
    if (outcomes.length === workloads.length) killGroup(child)
    else timer.refresh()
  })
  child.once('exit', () => killGroup(child))
  const [code, killedBy] = await endOf(child)
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  signal?.throwIfAborted()
  if (outcomes.length === workloads.length) return outcomes
  if (isOverdue) return [...outcomes, { kind: 'hung', limitMs }]
  const end = killedBy === null ? `exit code ${code}` : killedBy
  return [...outcomes, { kind: 'failed', reason: `its process ended (${end}) ${stderr()}`.trim() }]
}

function readOutcome(line: string): Outcome {
  try {
    return parseOutcome(line)
  } catch {
    return { kind: 'failed', reason: `this is no outcome: ${line}` }
  }
}

function startProcess({ variant, workloads, seconds, program }: MeasureRequest): ChildProcess {
  const main = fileURLToPath(program ?? new URL('./variant-main.js', import.meta.url))
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  return spawn(process.execPath, [main, variant, workloads.join(','), String(seconds)], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // A group of its own, so that its children can be killed with it.
    detached: true,
    // Reading certificates trebles the start-up of each process, which is no variant's doing.
    env,
  })
}

function endOf(child: ChildProcess): Promise<[code: number | null, signal: string | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve([code, signal]))
  })
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone already, and all its children with it.
  }
}

function lastLineOf(stream: Readable): () => string {
  let last = ''
  createInterface({ input: stream }).on('line', (line) => {
    // Below an uncaught error Node writes where it was thrown, and its own version.
    if (!/^(Node\.js v.*|\s+at .*|\s*)$/.test(line)) last = line.trim()
  })
  return () => last
}

function readableOf(child: ChildProcess, descriptor: number): Readable {
  const stream = child.stdio[descriptor]
  if (stream instanceof Readable) return stream
  throw new TypeError(`descriptor ${descriptor} of the process is no pipe`)
}
