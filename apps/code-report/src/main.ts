#!/usr/bin/env node
import { makeReport } from './make-report.ts'
import { helpText, type Invocation, parseOptions, UsageError } from './options.ts'

const exitCodes: Readonly<Record<'SIGINT' | 'SIGTERM', number>> = { SIGINT: 130, SIGTERM: 143 }

await main()

async function main(): Promise<void> {
  const interruption = new AbortController()
  let signalCode: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The children end by themselves when this process is gone.
      if (signalCode !== undefined) process.exit(signalCode)
      signalCode = exitCodes[signal]
      console.error(`\n${signal}: stopping (once more to exit at once)`)
      interruption.abort(new Error(signal))
    })
  }
  process.exitCode = await run(interruption.signal)
  if (signalCode !== undefined) process.exitCode = signalCode
}

async function run(signal: AbortSignal): Promise<number> {
  try {
    const invocation: Invocation = parseOptions(process.argv.slice(2))
    if (invocation.kind === 'help') {
      process.stdout.write(helpText)
      return 0
    }
    await makeReport(invocation.options, {
      print: (line) => console.log(line),
      progress: process.stderr,
      signal,
    })
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`code-report: ${error.message}`)
      return 2
    }
    console.error(error)
    return 1
  }
}
