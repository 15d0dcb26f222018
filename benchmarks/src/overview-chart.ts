import { bestFirst } from './best-first.ts'
import type { Circumstances } from './circumstances.ts'
import { resultText } from './result-text.ts'
import type { WorkloadSummary } from './summarize.ts'
import { svgBar, svgDocument, svgText } from './svg-document.ts'
import { referenceName, type VariantEntry } from './variants.ts'

/** What the chart is labelled with. */
export interface OverviewFacts extends Circumstances {
  readonly startedAt: Date
  readonly rounds: number
}

const columnWorkloads = ['noop-throughput', 'nested'] as const
const groups = [
  { kind: 'process', heading: 'Workers in processes' },
  { kind: 'thread', heading: 'Workers in threads' },
] as const
const keys = [
  { origin: 'own', text: 'mpservice' },
  { origin: 'peer', text: 'other libraries' },
  { origin: 'raw', text: 'what bare Node can do, without errors, limits or supervision' },
] as const

const layout = { width: 880, margin: 20, labelWidth: 150, columnWidth: 345, valueWidth: 125 }
const heights = { header: 98, heading: 30, row: 24, bar: 15, footer: 62 }

/**
 * The two workloads that tell most about a pool, small calls with many in flight, in one chart with
 * the machine and the versions on it: an SVG document to be shown alone. `undefined` when one of them
 * was not measured.
 */
export function overviewChart(
  summaries: readonly WorkloadSummary[],
  facts: OverviewFacts,
): string | undefined {
  const columns = columnWorkloads.flatMap(
    (name) => summaries.find(({ workload }) => workload.name === name) ?? [],
  )
  const [first] = columns
  if (first === undefined || columns.length < columnWorkloads.length) return undefined
  const order = bestFirst(first).map(({ variant }) => variant)
  const body: string[] = []
  let top = heights.header
  for (const { kind, heading } of groups) {
    const variants = order.filter((variant) => variant.kind === kind)
    if (variants.length === 0) continue
    body.push(svgText('note strong', layout.margin, top + 20, heading))
    top += heights.heading
    for (const variant of variants) {
      body.push(...rowOf(variant, columns, top))
      top += heights.row
    }
  }
  return svgDocument({
    width: layout.width,
    height: top + heights.footer,
    label: `Calls per second of worker pools: ${columns.map(({ workload }) => workload.title).join('; ')}`,
    elements: [...header(columns, order), ...body, ...footer(facts, top)],
  })
}

function header(columns: readonly WorkloadSummary[], variants: readonly VariantEntry[]): string[] {
  const { margin } = layout
  let left = margin
  const shown = keys.filter(({ origin }) => variants.some((variant) => variant.origin === origin))
  const key = shown.flatMap(({ origin, text }) => {
    const entry = [svgBar(origin, left, 48, 14, 12), svgText('note', left + 20, 58, text)]
    left += 50 + text.length * 6.5
    return entry
  })
  const titles = columns.map(({ workload }, index) =>
    svgText('strong', leftOf(index), 92, workload.title),
  )
  const note = `calls per second, two workers · ×: compared with ${referenceName}`
  return [
    svgText('title', margin, 32, 'Worker pools for Node.js'),
    svgText('note', layout.width - margin, 32, note, 'end'),
    ...key,
    ...titles,
  ]
}

function rowOf(variant: VariantEntry, columns: readonly WorkloadSummary[], top: number): string[] {
  const strong = variant.origin === 'own' ? ' strong' : ''
  const base = top + 16
  const name = svgText(`name${strong}`, leftOf(0) - 10, base, variant.name, 'end')
  const bars = columns.flatMap(({ rows }, index) => {
    const result = rows.find((row) => row.variant === variant)?.result
    if (result === undefined) return []
    const longest = layout.columnWidth - layout.valueWidth
    const medians = rows.map((row) => (row.result.kind === 'measured' ? row.result.median : 0))
    const share = result.kind === 'measured' ? result.median / Math.max(...medians, 1e-9) : 0
    const length = share === 0 ? 0 : Math.max(1, share * longest)
    const left = leftOf(index)
    return [
      ...(length === 0 ? [] : [svgBar(variant.origin, left, top + 4, length, heights.bar)]),
      svgText(`value${strong}`, left + length + 8, base, resultText(result)),
    ]
  })
  return [name, ...bars]
}

function leftOf(column: number): number {
  return layout.margin + layout.labelWidth + column * (layout.columnWidth + 10)
}

function footer({ machine, versions, startedAt, rounds }: OverviewFacts, top: number): string[] {
  const { cpu, cpus, platform, node } = machine
  const date = startedAt.toISOString().slice(0, 10)
  const medians = rounds === 1 ? '1 round' : `medians of ${rounds} rounds`
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${cpu}, ${cpus} CPUs · ${platform} · Node ${node.replace(/^v/, '')} · ${medians}, ${date}`,
    libraries.join(' · '),
  ].map((line, index) => svgText('note', layout.margin, top + 26 + index * 18, line))
}
