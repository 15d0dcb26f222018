import type { Outcome } from './outcome.ts'
import { median } from './quantile.ts'
import type { BenchRecord } from './run-rounds.ts'
import { referenceName, type VariantEntry } from './variants.ts'
import type { Workload } from './workload.ts'

/** What all rounds say about one variant in one workload. */
export type Result =
  | {
      readonly kind: 'measured'
      readonly median: number
      readonly min: number
      readonly max: number
      readonly rounds: number
      /**
       * How many times as good as the reference it is, above 1 being better in any unit: the median
       * of the quotients of each round. `undefined` when there is nothing to compare with.
       */
      readonly relative: number | undefined
    }
  | Exclude<Outcome, { readonly kind: 'measured' }>

/** The result of one variant. */
export interface ResultRow {
  readonly variant: VariantEntry
  readonly result: Result
}

/** The results of a workload, in the order of the variants; those without any are left out. */
export interface WorkloadSummary {
  readonly workload: Workload
  readonly rows: readonly ResultRow[]
}

/**
 * Medians of all rounds.
 *
 * A variant that failed or hung in one round has failed or hung, whatever it did in the others.
 */
export function summarize(
  records: readonly BenchRecord[],
  workloads: readonly Workload[],
  variants: readonly VariantEntry[],
): readonly WorkloadSummary[] {
  return workloads.map((workload) => {
    const outcomesOf = (name: string): ReadonlyMap<number, Outcome> =>
      new Map(
        records
          .filter((record) => record.workload === workload.name && record.variant === name)
          .map(({ round, outcome }) => [round, outcome]),
      )
    const reference = workload.isComparable ? outcomesOf(referenceName) : undefined
    const rows = variants.flatMap((variant) => {
      const outcomes = outcomesOf(variant.name)
      if (outcomes.size === 0) return []
      const others = variant.name === referenceName ? undefined : reference
      return [{ variant, result: resultOf(outcomes, others, workload.better) }]
    })
    return { workload, rows }
  })
}

function resultOf(
  outcomes: ReadonlyMap<number, Outcome>,
  reference: ReadonlyMap<number, Outcome> | undefined,
  better: Workload['better'],
): Result {
  const values: number[] = []
  const quotients: number[] = []
  for (const [round, outcome] of outcomes) {
    if (outcome.kind !== 'measured') return outcome
    values.push(outcome.value)
    const other = reference?.get(round)
    if (other?.kind === 'measured') {
      const quotient = outcome.value / other.value
      quotients.push(better === 'higher' ? quotient : 1 / quotient)
    }
  }
  return {
    kind: 'measured',
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
    relative: quotients.length === 0 ? undefined : median(quotients),
  }
}
