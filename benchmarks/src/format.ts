/** A value with three significant digits, thousands apart. */
export function formatValue(value: number): string {
  const rounded = Number(value.toPrecision(3))
  const whole = Math.abs(rounded)
  const digits = whole >= 100 || rounded === 0 ? 0 : whole >= 10 ? 1 : 2
  return rounded
    .toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replaceAll(',', ' ')
}

/** How many times as good, with two decimals below 10. */
export function formatRelative(relative: number): string {
  return `${relative.toFixed(relative < 10 ? 2 : relative < 100 ? 1 : 0)}×`
}
