import type { Histogram } from './histogram.ts'

/** How long something took, over the life of the server; all times in milliseconds, within 1.6 %. */
export interface TimeSummary {
  /** How many things this is about; about as many, where not each quick one is measured. */
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** How many items were in a batch, over the life of the server. */
export interface SizeSummary {
  /** How many batches. */
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** What a histogram of milliseconds says, in short. */
export function summarizeTimes(times: Histogram): TimeSummary {
  return {
    count: times.count,
    meanMs: times.mean,
    p50Ms: times.quantile(0.5),
    p90Ms: times.quantile(0.9),
    p99Ms: times.quantile(0.99),
    maxMs: times.max,
  }
}

/** What a histogram of whole numbers says, in short: up to 64 the quantiles are exact. */
export function summarizeSizes(sizes: Histogram): SizeSummary {
  return {
    count: sizes.count,
    mean: sizes.mean,
    p50: Math.floor(sizes.quantile(0.5)),
    p90: Math.floor(sizes.quantile(0.9)),
    p99: Math.floor(sizes.quantile(0.99)),
    max: sizes.max,
  }
}
