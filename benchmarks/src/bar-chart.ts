import { bestFirst } from './best-first.ts'
import { resultText } from './result-text.ts'
import type { ResultRow, WorkloadSummary } from './summarize.ts'
import { svgBar, svgDocument, svgText } from './svg-document.ts'
import { referenceName } from './variants.ts'
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

/** The results of a workload as bars, the best first: an SVG document. */
export function barChart(summary: WorkloadSummary): string {
  const { workload } = summary
  const rows = bestFirst(summary)
  const medians = rows.map(({ result }) => (result.kind === 'measured' ? result.median : 0))
  const { width, margin, top, rowHeight, labelWidth, valueWidth } = layout
  const scale = (width - 2 * margin - labelWidth - valueWidth) / Math.max(...medians, 1e-9)
  return svgDocument({
    width,
    height: top + rows.length * rowHeight + margin,
    label: workload.title,
    elements: [
      svgText('title', margin, 32, workload.title),
      svgText('note', margin, 52, legend(workload)),
      ...rows.flatMap((row, index) => barOf(row, top + index * rowHeight, scale)),
    ],
  })
}

function legend({ unit, better, isComparable }: Workload): string {
  const quotients = isComparable ? ` · ×: compared with ${referenceName}, above 1 is better` : ''
  return `${unit}, ${better} is better${quotients} · dashed: what bare Node can do`
}

function barOf({ variant, result }: ResultRow, top: number, scale: number): string[] {
  const left = layout.margin + layout.labelWidth
  const length = result.kind === 'measured' ? Math.max(result.median * scale, 1) : 0
  const strong = variant.origin === 'own' ? ' strong' : ''
  const base = top + 17
  return [
    svgText(`name${strong}`, left - 10, base, variant.name, 'end'),
    ...(length === 0 ? [] : [svgBar(variant.origin, left, top + 5, length, layout.barHeight)]),
    svgText(`value${strong}`, left + length + 8, base, resultText(result)),
  ]
}
