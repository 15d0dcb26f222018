/**
 * The value below which a share of the values lies, between two of them in proportion.
 *
 * @param sorted - In ascending order.
 * @throws {RangeError} When there are no values.
 */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new RangeError('no values were given')
  return below + (above - below) * (place - Math.floor(place))
}

/** The value in the middle. Throws a `RangeError` when there are no values. */
export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}
