import { expect, test } from 'vitest'
import type { Outcome } from '../src/outcome.ts'
import type { BenchRecord } from '../src/run-rounds.ts'
import { summarize } from '../src/summarize.ts'
import { sampleVariants, sampleWorkload } from './samples.ts'

const [own, peer, raw] = sampleVariants

function resultsOf(
  better: 'lower' | 'higher',
  records: readonly BenchRecord[],
  isComparable = true,
) {
  const workload = { ...sampleWorkload, better, isComparable }
  return summarize(records, [workload], sampleVariants)[0]?.rows.map(({ variant, result }) => {
    return [variant.name, result]
  })
}

function recordsOf(variant: string, values: readonly (number | Outcome)[]): BenchRecord[] {
  return values.map((value, index) => ({
    round: index + 1,
    workload: sampleWorkload.name,
    variant,
    outcome: typeof value === 'number' ? { kind: 'measured', value, details: {} } : value,
  }))
}

test('gives medians, and the median of the quotients of each round', () => {
  const records = [...recordsOf(own.name, [10, 20, 40]), ...recordsOf(peer.name, [30, 10, 10])]
  expect(resultsOf('higher', records)).toEqual([
    [own.name, { kind: 'measured', median: 20, min: 10, max: 40, rounds: 3, relative: undefined }],
    [peer.name, { kind: 'measured', median: 10, min: 10, max: 30, rounds: 3, relative: 0.5 }],
  ])
})

test('turns quotients round where lower is better', () => {
  const records = [...recordsOf(own.name, [10]), ...recordsOf(raw.name, [5])]
  expect(resultsOf('lower', records)?.[1]).toEqual([
    raw.name,
    { kind: 'measured', median: 5, min: 5, max: 5, rounds: 1, relative: 2 },
  ])
})

test('compares nothing that is not comparable, and nothing without the reference', () => {
  const values = { kind: 'measured', median: 5, min: 5, max: 5, rounds: 1, relative: undefined }
  const both = [...recordsOf(own.name, [-1]), ...recordsOf(peer.name, [5])]
  expect(resultsOf('lower', both, false)?.[1]).toEqual([peer.name, values])
  expect(resultsOf('lower', recordsOf(peer.name, [5]))).toEqual([[peer.name, values]])
})

test('says that a variant fails or hangs when it did so once', () => {
  const failed = { kind: 'failed', reason: 'Error: no' } as const
  const hung = { kind: 'hung', limitMs: 5000 } as const
  const records = [
    ...recordsOf(own.name, [10, hung]),
    ...recordsOf(peer.name, [failed]),
    ...recordsOf(raw.name, [20, 30]),
  ]
  expect(resultsOf('higher', records)).toEqual([
    [own.name, hung],
    [peer.name, failed],
    [raw.name, { kind: 'measured', median: 25, min: 20, max: 30, rounds: 2, relative: 2 }],
  ])
})
