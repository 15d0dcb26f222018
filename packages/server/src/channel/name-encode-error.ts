import { EncodeError, isEncodeError } from '@mpservice/wire'

/** Puts into an `EncodeError` what it was that cannot be carried; other errors stay as they are. */
export function nameEncodeError(error: unknown, what: string): unknown {
  if (!isEncodeError(error)) return error
  const { path, kind, message, cause } = error
  return new EncodeError(
    `${what}: ${message}`,
    { path, kind },
    cause === undefined ? {} : { cause },
  )
}
