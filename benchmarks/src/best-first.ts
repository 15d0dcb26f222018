import type { ResultRow, WorkloadSummary } from './summarize.ts'

/** The rows of a workload from the best median to the worst; what has none comes last. */
export function bestFirst({ workload, rows }: WorkloadSummary): readonly ResultRow[] {
  const rank = ({ result }: ResultRow): number => {
    if (result.kind !== 'measured') return Infinity
    return workload.better === 'lower' ? result.median : -result.median
  }
  return rows.toSorted((a, b) => compare(rank(a), rank(b)))
}

/** A difference would be NaN for two infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
