import { writeSync } from 'node:fs'
import type { Outcome } from './outcome.ts'
import { findByName } from './selection.ts'
import { variants } from './variants.ts'
import { workloads } from './workloads.ts'

/** Where the outcomes go, one line each; no variant has to do with it. */
const outcomeDescriptor = 3

const [variantName = '', workloadNames = '', seconds = ''] = process.argv.slice(2)

// The pipe ends when the benchmark's process is gone, however that happened.
process.stdin.once('end', () => process.exit(1))
process.stdin.resume()

const { variant } = await findByName(variants, variantName).load()
for (const name of workloadNames.split(',')) {
  const workload = findByName(workloads, name)
  const outcome = await workload.measure(variant, { seconds: Number(seconds) }).then(
    (measurement): Outcome => ({ kind: 'measured', ...measurement }),
    (error: unknown): Outcome => ({ kind: 'failed', reason: firstLine(String(error)) }),
  )
  writeSync(outcomeDescriptor, `${JSON.stringify(outcome)}\n`)
}
process.exit(0)

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
