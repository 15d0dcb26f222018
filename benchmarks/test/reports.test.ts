import { expect, test } from 'vitest'
import { barChart } from '../src/bar-chart.ts'
import { formatRelative, formatValue } from '../src/format.ts'
import { markdownReport } from '../src/markdown-report.ts'
import { smokeReport } from '../src/smoke-report.ts'
import { textReport } from '../src/text-report.ts'
import { sampleSummary, sampleVariants } from './samples.ts'

test('writes values with three significant digits', () => {
  const values = [0, 0.1234, 1.006, 9.999, 63.149, 123.4, 999.6, 83_123, 1_234_567, -5.5]
  expect(values.map(formatValue)).toEqual([
    '0',
    '0.12',
    '1.01',
    '10.0',
    '63.1',
    '123',
    '1 000',
    '83 100',
    '1 230 000',
    '-5.50',
  ])
  expect([0.256, 9.994, 16.06, 216.3].map(formatRelative)).toEqual([
    '0.26×',
    '9.99×',
    '16.1×',
    '216×',
  ])
})

test('prints a table with the best variant first', () => {
  expect(textReport([sampleSummary])).toMatchInlineSnapshot(`
    "sample: samples & more, calls/s (higher is better)
      raw                    123 000    2.42×  100 000 – 200 000
      mpservice-process       51 200        1  50 000 – 50 000
      peer                     fails: Error: no
      stuck                    hangs: killed after 60.0 s
    "
  `)
})

test('writes a table in Markdown in the order of the variants', () => {
  expect(markdownReport([sampleSummary], sampleVariants)).toMatchInlineSnapshot(`
    "| variant | workers | samples & more (calls/s) |
    | --- | --- | --: |
    | mpservice-process | process | 51 200 |
    | peer | process | fails |
    | raw | process | 123 000 (2.42×) |
    "
  `)
})

test('draws bars in proportion, the best first', () => {
  const [, body] = barChart(sampleSummary).split('</style>')
  expect(body).toMatchInlineSnapshot(`
    "
      <rect class="back" width="760" height="196" rx="8"/>
      <text class="title" x="20" y="32">samples &amp; more</text>
      <text class="note" x="20" y="52">calls/s, higher is better · ×: compared with mpservice-process, above 1 is better · dashed: what bare Node can do</text>
      <text class="name" x="170" y="89" text-anchor="end">raw</text>
      <rect class="raw" x="180" y="77" width="410" height="16" rx="2"/>
      <text class="value" x="598" y="89">123 000 · 2.42×</text>
      <text class="name strong" x="170" y="115" text-anchor="end">mpservice-process</text>
      <rect class="own" x="180" y="103" width="170.1" height="16" rx="2"/>
      <text class="value strong" x="358.1" y="115">51 200</text>
      <text class="name" x="170" y="141" text-anchor="end">peer</text>
      <text class="value" x="188" y="141">fails</text>
      <text class="name" x="170" y="167" text-anchor="end">stuck</text>
      <text class="value" x="188" y="167">hangs</text>
    </svg>
    "
  `)
})

test('says of each variant whether it answered rightly', () => {
  const measured = { kind: 'measured', value: 1, details: {} } as const
  const records = [
    { round: 1, workload: 'a', variant: 'good', outcome: measured },
    { round: 1, workload: 'b', variant: 'good', outcome: measured },
    { round: 1, workload: 'a', variant: 'bad', outcome: { kind: 'failed', reason: 'no' } as const },
    { round: 1, workload: 'b', variant: 'bad', outcome: { kind: 'hung', limitMs: 1 } as const },
  ]
  expect(smokeReport(records)).toMatchInlineSnapshot(`
    "good                 right in 2 workloads
    bad                  a fails: no; b hangs
    "
  `)
})
