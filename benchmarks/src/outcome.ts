import type { Measurement } from './workload.ts'

/** How one measurement ended. */
export type Outcome =
  | ({ readonly kind: 'measured' } & Measurement)
  /** It threw, answered wrongly, or its process ended. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It took too long and was killed. */
  | { readonly kind: 'hung'; readonly limitMs: number }

/**
 * Reads an outcome from the line in which a variant's process told it.
 *
 * @throws {TypeError} When the line is no outcome.
 */
export function parseOutcome(line: string): Outcome {
  const data: unknown = JSON.parse(line)
  if (typeof data === 'object' && data !== null && 'kind' in data) {
    if (data.kind === 'measured' && 'value' in data && 'details' in data) {
      const { value, details } = data
      if (typeof value === 'number' && isNumbers(details)) {
        return { kind: 'measured', value, details }
      }
    }
    if (data.kind === 'failed' && 'reason' in data && typeof data.reason === 'string') {
      return { kind: 'failed', reason: data.reason }
    }
  }
  throw new TypeError(`this is no outcome: ${line}`)
}

function isNumbers(value: unknown): value is Record<string, number> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((entry) => typeof entry === 'number')
  )
}
