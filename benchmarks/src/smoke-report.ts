import type { BenchRecord } from './run-rounds.ts'

/** For each variant a line that says whether it answered rightly, or what went wrong where. */
export function smokeReport(records: readonly BenchRecord[]): string {
  return [...new Set(records.map(({ variant }) => variant))]
    .map((variant) => {
      const own = records.filter((record) => record.variant === variant)
      const wrong = own.flatMap(({ workload, outcome }) => {
        if (outcome.kind === 'measured') return []
        return [`${workload} ${outcome.kind === 'hung' ? 'hangs' : `fails: ${outcome.reason}`}`]
      })
      const text = wrong.length === 0 ? `right in ${own.length} workloads` : wrong.join('; ')
      return `${variant.padEnd(20)} ${text}\n`
    })
    .join('')
}
