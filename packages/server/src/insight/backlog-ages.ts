/** How long calls have been waiting for their answers; counts of calls. */
export interface BacklogAges {
  /** Of the oldest call, in milliseconds; `null` when there is none. */
  readonly oldest: number | null
  /** Younger than 10 ms. */
  readonly under10: number
  /** From 10 ms to below 100 ms, and so on. */
  readonly under100: number
  readonly under1000: number
  readonly under10000: number
  /** 10 s and older. */
  readonly over10000: number
}

/** Sorts calls by how long ago their time began, on the clock of `performance.now()`. */
export function backlogAges(
  calls: readonly { readonly startedAt: number }[],
  now: number,
): BacklogAges {
  const ages = calls.map(({ startedAt }) => Math.max(0, now - startedAt))
  const countBetween = (from: number, to: number): number =>
    ages.filter((age) => age >= from && age < to).length
  return {
    oldest: ages.length === 0 ? null : ages.reduce((oldest, age) => Math.max(oldest, age)),
    under10: countBetween(0, 10),
    under100: countBetween(10, 100),
    under1000: countBetween(100, 1_000),
    under10000: countBetween(1_000, 10_000),
    over10000: countBetween(10_000, Infinity),
  }
}
