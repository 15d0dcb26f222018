import { decodeException, isMalformedExceptionError } from '@mpservice/remote-exception'

/** The data of one error, as it may come from anywhere. */
export const entry = { classes: ['TypeError', 'Error'], name: 'TypeError', message: 'x' }

/** Exception data with one error, and whatever else is given. */
export function dataWith(more: object): unknown {
  return {
    exception: 1,
    origin: 'process 1',
    thrown: ['error', 0],
    errors: [entry],
    objects: [],
    ...more,
  }
}

/** Decodes what must be an error and well-formed. */
export function decodeError(data: unknown): Error {
  const decoded = decodeException(data)
  if (decoded instanceof Error && !isMalformedExceptionError(decoded)) return decoded
  throw new TypeError('what was decoded is no error', { cause: decoded })
}
