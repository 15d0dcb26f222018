import { bestFirst } from './best-first.ts'
import { formatRelative, formatValue } from './format.ts'
import type { WorkloadSummary } from './summarize.ts'
import { referenceName } from './variants.ts'

/** The results as tables for a terminal, one for each workload, the best variant first. */
export function textReport(summaries: readonly WorkloadSummary[]): string {
  return summaries.map(textTable).join('\n')
}

function textTable(summary: WorkloadSummary): string {
  const { workload } = summary
  const lines = [
    `${workload.name}: ${workload.title}, ${workload.unit} (${workload.better} is better)`,
  ]
  for (const { variant, result } of bestFirst(summary)) {
    const name = `  ${variant.name.padEnd(20)}`
    switch (result.kind) {
      case 'measured': {
        const { median, min, max, relative } = result
        const reference = workload.isComparable && variant.name === referenceName ? '1' : ''
        const compared = relative === undefined ? reference : formatRelative(relative)
        const range = result.rounds === 1 ? '' : `  ${formatValue(min)} – ${formatValue(max)}`
        const columns = `${formatValue(median).padStart(10)}${compared.padStart(9)}${range}`
        lines.push(`${name}${columns.trimEnd()}`)
        break
      }
      case 'failed':
        lines.push(`${name}     fails: ${result.reason}`)
        break
      case 'hung':
        lines.push(`${name}     hangs: killed after ${formatValue(result.limitMs / 1000)} s`)
        break
    }
  }
  return `${lines.join('\n')}\n`
}
