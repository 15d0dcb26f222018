import { formatRelative, formatValue } from './format.ts'
import type { Result } from './summarize.ts'

/** A result in a few characters: its value, what that is beside the reference's, or what went wrong. */
export function resultText(result: Result): string {
  if (result.kind === 'failed') return 'fails'
  if (result.kind === 'hung') return 'hangs'
  const { median, relative } = result
  return relative === undefined
    ? formatValue(median)
    : `${formatValue(median)} · ${formatRelative(relative)}`
}
