import { measureVariant } from './measure-variant.ts'
import type { BenchOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { takesPart } from './variants.ts'

/** One measurement of one variant. */
export interface BenchRecord {
  /** From 1. */
  readonly round: number
  readonly workload: string
  readonly variant: string
  readonly outcome: Outcome
}

/**
 * Measures everything, round after round, and gives each record as it becomes known.
 *
 * Within a round all variants are measured with one workload before the next workload comes, so that
 * those that are compared ran within seconds of each other. Each round begins with another variant
 * and every second one goes backwards. A workload that has a `maxRounds` is left out of later rounds.
 * A variant that has failed or hung with a workload is not tried with it again. Ends early, without
 * an error, when `signal` is aborted.
 */
export async function* runRounds(
  { variants, workloads, rounds, seconds }: BenchOptions,
  signal: AbortSignal,
): AsyncGenerator<BenchRecord, void, undefined> {
  const broken = new Set<string>()
  for (let round = 1; round <= rounds; round++) {
    for (const { name: workload, maxRounds = rounds } of workloads) {
      if (round > maxRounds) continue
      const taking = variants.filter((variant) => takesPart(variant, workload))
      for (const { name: variant } of orderOf(taking, round)) {
        const key = `${workload} ${variant}`
        if (broken.has(key)) continue
        const outcomes = await measureOrAbort(variant, [workload], seconds, signal)
        if (outcomes === undefined) return
        for (const outcome of outcomes) {
          if (outcome.kind !== 'measured') broken.add(key)
          yield { round, workload, variant, outcome }
        }
      }
    }
  }
}

/**
 * Lets every variant do every workload once, all of them in one process per variant: it shows
 * whether they answer rightly, not how fast they are. Ends early as `runRounds` does.
 */
export async function* runSmoke(
  { variants, workloads, seconds }: BenchOptions,
  signal: AbortSignal,
): AsyncGenerator<BenchRecord, void, undefined> {
  for (const entry of variants) {
    const variant = entry.name
    const names = workloads.map(({ name }) => name).filter((name) => takesPart(entry, name))
    if (names.length === 0) continue
    const outcomes = await measureOrAbort(variant, names, seconds, signal)
    if (outcomes === undefined) return
    for (const [index, outcome] of outcomes.entries()) {
      yield { round: 1, workload: names[index] ?? '', variant, outcome }
    }
  }
}

/** Gives nothing when the signal was aborted meanwhile. */
async function measureOrAbort(
  variant: string,
  workloads: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<readonly Outcome[] | undefined> {
  try {
    // Warming up, bare threads, a million calls or as many as time allows: far from hanging.
    const limitMs = 15_000 + seconds * 45_000
    return await measureVariant({ variant, workloads, seconds, limitMs, signal })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

function orderOf<Item>(items: readonly Item[], round: number): readonly Item[] {
  const first = (round - 1) % items.length
  const rotated = [...items.slice(first), ...items.slice(0, first)]
  return round % 2 === 0 ? rotated.toReversed() : rotated
}
