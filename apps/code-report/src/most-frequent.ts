/** The largest counts, largest first and those of one size in the order of their names. */
export function mostFrequent(
  counts: ReadonlyMap<string, number>,
  limit: number,
): [name: string, count: number][] {
  return [...counts]
    .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, limit)
}
