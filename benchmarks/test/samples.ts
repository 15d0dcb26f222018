import type { WorkloadSummary } from '../src/summarize.ts'
import { referenceName, type VariantEntry } from '../src/variants.ts'
import type { Workload } from '../src/workload.ts'

function entry(name: string, origin: VariantEntry['origin']): VariantEntry {
  return { name, origin, kind: 'process', load: () => Promise.reject(new Error('not for use')) }
}

export const sampleVariants = [
  entry(referenceName, 'own'),
  entry('peer', 'peer'),
  entry('raw', 'raw'),
] as const

export const sampleWorkload: Workload = {
  name: 'sample',
  title: 'samples & more',
  unit: 'calls/s',
  better: 'higher',
  isComparable: true,
  measure: () => Promise.reject(new Error('not for use')),
}

const [own, peer, raw] = sampleVariants

/** A workload with results of every kind. */
export const sampleSummary: WorkloadSummary = {
  workload: sampleWorkload,
  rows: [
    {
      variant: own,
      result: {
        kind: 'measured',
        median: 51_234,
        min: 50_000,
        max: 5e4,
        rounds: 3,
        relative: undefined,
      },
    },
    { variant: peer, result: { kind: 'failed', reason: 'Error: no' } },
    {
      variant: raw,
      result: {
        kind: 'measured',
        median: 123_456,
        min: 99_999,
        max: 2e5,
        rounds: 3,
        relative: 2.416,
      },
    },
    { variant: entry('stuck', 'peer'), result: { kind: 'hung', limitMs: 60_000 } },
  ],
}
