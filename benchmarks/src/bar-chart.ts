import { bestFirst } from './best-first.ts'
import { formatRelative, formatValue } from './format.ts'
import type { WorkloadSummary } from './summarize.ts'
import type { Workload } from './workload.ts'

const layout = {
  width: 760,
  margin: 20,
  top: 72,
  rowHeight: 26,
  barHeight: 16,
  labelWidth: 160,
  valueWidth: 150,
}

const style = `
    svg { --back: #ffffff; --text: #1f2328; --faint: #59636e; --own: #1a7f5a; --peer: #8c959f; --raw: #dde2e7; --edge: #8c959f }
    @media (prefers-color-scheme: dark) {
      svg { --back: #0d1117; --text: #e6edf3; --faint: #9198a1; --own: #3fb98c; --peer: #6e7681; --raw: #262c34; --edge: #6e7681 }
    }
    text { font: 13px system-ui, sans-serif; fill: var(--text) }
    .title { font-size: 16px; font-weight: 600 }
    .note { font-size: 12px; fill: var(--faint) }
    .value { font-variant-numeric: tabular-nums }
    .strong { font-weight: 600 }
    .back { fill: var(--back) }
    .own { fill: var(--own) }
    .peer { fill: var(--peer) }
    .raw { fill: var(--raw); stroke: var(--edge); stroke-dasharray: 3 2 }`

/**
 * The results of a workload as bars, the best first: an SVG document that needs nothing else and
 * follows the reader's light or dark colours.
 */
export function barChart(summary: WorkloadSummary): string {
  const { workload } = summary
  const rows = bestFirst(summary)
  const medians = rows.map(({ result }) => (result.kind === 'measured' ? result.median : 0))
  const { width, margin, top, rowHeight, labelWidth, valueWidth } = layout
  const scale = (width - 2 * margin - labelWidth - valueWidth) / Math.max(...medians, 1e-9)
  const height = top + rows.length * rowHeight + margin
  const bars = rows.map((row, index) => bar(row, top + index * rowHeight, scale))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(workload.title)}">
  <style>${style}
  </style>
  <rect class="back" width="${width}" height="${height}" rx="8"/>
  <text class="title" x="${margin}" y="32">${escapeXml(workload.title)}</text>
  <text class="note" x="${margin}" y="52">${escapeXml(legend(workload))}</text>
${bars.join('\n')}
</svg>
`
}

function legend({ unit, better, isComparable }: Workload): string {
  const quotients = isComparable ? ' · ×: compared with mpservice, above 1 is better' : ''
  return `${unit}, ${better} is better${quotients} · dashed: what bare Node can do`
}

function bar(
  { variant, result }: WorkloadSummary['rows'][number],
  top: number,
  scale: number,
): string {
  const left = layout.margin + layout.labelWidth
  const length = result.kind === 'measured' ? Math.max(result.median * scale, 1) : 0
  const strong = variant.origin === 'own' ? ' strong' : ''
  const base = top + 17
  const rect =
    length === 0
      ? ''
      : `\n  <rect class="${variant.origin}" x="${left}" y="${top + 5}" width="${length.toFixed(1)}" height="${layout.barHeight}" rx="2"/>`
  return `  <text class="name${strong}" x="${left - 10}" y="${base}" text-anchor="end">${variant.name}</text>${rect}
  <text class="value${strong}" x="${(left + length + 8).toFixed(1)}" y="${base}">${valueText(result)}</text>`
}

function valueText(result: WorkloadSummary['rows'][number]['result']): string {
  if (result.kind === 'failed') return 'fails'
  if (result.kind === 'hung') return 'hangs'
  const { median, relative } = result
  return relative === undefined
    ? formatValue(median)
    : `${formatValue(median)} · ${formatRelative(relative)}`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
