/** A thrown value as an error: among results, only an Error can be told from a result. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error('a worker threw a value that is not an Error', { cause: thrown })
}

/** Says what was thrown, for messages; user code may throw what cannot even be shown. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  } catch {
    return 'something that cannot be shown'
  }
}
