#!/usr/bin/env node
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatValue } from './format.ts'
import { type BenchOptions, defaultOut, helpText, parseOptions, UsageError } from './options.ts'
import { type BenchRecord, runRounds, runSmoke } from './run-rounds.ts'
import { smokeReport } from './smoke-report.ts'
import { summarize } from './summarize.ts'
import { textReport } from './text-report.ts'
import { writeResults } from './write-results.ts'

const exitCodes: Readonly<Record<'SIGINT' | 'SIGTERM', number>> = { SIGINT: 130, SIGTERM: 143 }

await main()

async function main(): Promise<void> {
  const interruption = new AbortController()
  let signalCode: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Variants end by themselves when this process is gone.
      if (signalCode !== undefined) process.exit(signalCode)
      signalCode = exitCodes[signal]
      interruption.abort(new Error(signal))
    })
  }
  process.exitCode = await run(interruption.signal)
  if (signalCode !== undefined) process.exitCode = signalCode
}

async function run(signal: AbortSignal): Promise<number> {
  try {
    const invocation = parseOptions(process.argv.slice(2))
    if (invocation.kind === 'help') {
      process.stdout.write(helpText)
      return 0
    }
    return await bench(invocation.options, signal)
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`bench: ${error.message}`)
      return 2
    }
    console.error(error)
    return 1
  }
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<number> {
  const startedAt = new Date()
  const records: BenchRecord[] = []
  const found = options.isSmoke ? runSmoke(options, signal) : runRounds(options, signal)
  for await (const record of found) {
    records.push(record)
    if (!options.isSmoke) console.error(progressLine(record, options))
  }
  const summaries = summarize(records, options.workloads, options.variants)
  process.stdout.write(options.isSmoke ? smokeReport(records) : `\n${textReport(summaries)}`)
  if (options.out !== undefined) {
    const folder = outFolder(options.out)
    const isComplete = !signal.aborted
    await writeResults(folder, { startedAt, options, records, summaries, isComplete })
    console.log(`\nwritten to ${folder}`)
  }
  return hasFailed(records, options) ? 1 : 0
}

function progressLine({ round, workload, variant, outcome }: BenchRecord, options: BenchOptions) {
  const unit = options.workloads.find(({ name }) => name === workload)?.unit
  const text =
    outcome.kind === 'measured'
      ? `${formatValue(outcome.value)} ${unit}`
      : outcome.kind === 'failed'
        ? `fails: ${outcome.reason}`
        : 'hangs'
  return `${round}/${options.rounds} ${workload} ${variant}: ${text}`
}

/** Relative to where the command was given; pnpm changes to the package's folder. */
function outFolder(out: string): string {
  if (out === defaultOut) return fileURLToPath(new URL('../results', import.meta.url))
  return resolve(process.env['INIT_CWD'] ?? '.', out)
}

/** What a peer cannot do is a result of a benchmark; a check wants everything to be right. */
function hasFailed(records: readonly BenchRecord[], { isSmoke, variants }: BenchOptions): boolean {
  const own = variants.filter(({ origin }) => origin === 'own').map(({ name }) => name)
  return records.some(
    ({ variant, outcome }) => outcome.kind !== 'measured' && (isSmoke || own.includes(variant)),
  )
}
