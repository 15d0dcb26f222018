import { expect, test } from 'vitest'
import { overviewChart } from '../src/overview-chart.ts'
import type { Result } from '../src/summarize.ts'
import type { VariantEntry } from '../src/variants.ts'
import { sampleVariants, sampleWorkload } from './samples.ts'

const [own, peer, raw] = sampleVariants
const thread: VariantEntry = { ...raw, kind: 'thread' }
const facts = {
  machine: {
    node: 'v20.19.0',
    platform: 'linux x64',
    cpu: 'Sample CPU',
    cpus: 2,
    loadAverage: [0, 0, 0],
  },
  versions: { '@mpservice/server': '1.2.3', peer: '4.5.6' },
  startedAt: new Date('2026-11-21T12:00:00Z'),
  rounds: 3,
}

function measured(median: number, relative?: number): Result {
  return { kind: 'measured', median, min: 1, max: 1, rounds: 3, relative }
}

function summary(name: string, results: readonly [own: Result, peer: Result, thread: Result]) {
  const variants = [own, peer, thread]
  const rows = results.flatMap((result, index) => {
    const variant = variants[index]
    return variant === undefined ? [] : [{ variant, result }]
  })
  return { workload: { ...sampleWorkload, name, title: `title of ${name}` }, rows }
}

test('shows both workloads, ratios, machine and versions, the variants by kind', () => {
  const noop = [measured(100_000), measured(50_000, 0.5), measured(200_000, 2)] as const
  const nested = [measured(40_000), { kind: 'hung', limitMs: 1 }, measured(80_000, 2)] as const
  const summaries = [summary('nested', nested), summary('noop-throughput', noop)]
  const chart = overviewChart(summaries, facts) ?? ''
  const texts = [...chart.matchAll(/<text class="([^"]*)"[^>]*>([^<]*)</g)]
  expect(texts.map(([, classes, text]) => `${classes}: ${text}`)).toMatchInlineSnapshot(`
    [
      "title: Worker pools for Node.js",
      "note: calls per second, two workers · ×: compared with mpservice-process",
      "note: mpservice",
      "note: other libraries",
      "note: what bare Node can do, without errors, limits or supervision",
      "strong: title of noop-throughput",
      "strong: title of nested",
      "note strong: Workers in processes",
      "name strong: mpservice-process",
      "value strong: 100 000",
      "value strong: 40 000",
      "name: peer",
      "value: 50 000 · 0.50×",
      "value: hangs",
      "note strong: Workers in threads",
      "name: raw",
      "value: 200 000 · 2.00×",
      "value: 80 000 · 2.00×",
      "note: Sample CPU, 2 CPUs · linux x64 · Node 20.19.0 · medians of 3 rounds, 2026-11-21",
      "note: @mpservice/server 1.2.3 · peer 4.5.6",
    ]
  `)
  const bars = [...chart.matchAll(/<rect class="([^"]*)".* width="([^"]*)" height="15"/g)]
  expect(bars.map(([, classes, width]) => `${classes} ${width}`)).toMatchInlineSnapshot(`
    [
      "own 110",
      "own 110",
      "peer 55",
      "raw 220",
      "raw 220",
    ]
  `)
})

test('shows nothing when one of the workloads was not measured', () => {
  const results = [measured(1), measured(1), measured(1)] as const
  expect(overviewChart([summary('nested', results)], facts)).toBe(undefined)
})
