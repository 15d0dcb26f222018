import { formatRelative, formatValue } from './format.ts'
import type { Result, WorkloadSummary } from './summarize.ts'
import type { VariantEntry } from './variants.ts'

/** The results as one table in Markdown: a row for each variant, a column for each workload. */
export function markdownReport(
  summaries: readonly WorkloadSummary[],
  variants: readonly VariantEntry[],
): string {
  const titles = summaries.map(({ workload }) => `${workload.title} (${workload.unit})`)
  const rows = variants.map(({ name, kind }) => {
    const cells = summaries.map(({ rows: results }) =>
      cellText(results.find(({ variant }) => variant.name === name)?.result),
    )
    return tableRow([name, kind, ...cells])
  })
  return [
    tableRow(['variant', 'workers', ...titles]),
    tableRow(['---', '---', ...titles.map(() => '--:')]),
    ...rows,
    '',
  ].join('\n')
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function cellText(result: Result | undefined): string {
  if (result === undefined) return '–'
  if (result.kind === 'failed') return 'fails'
  if (result.kind === 'hung') return 'hangs'
  const { median, relative } = result
  return relative === undefined
    ? formatValue(median)
    : `${formatValue(median)} (${formatRelative(relative)})`
}
