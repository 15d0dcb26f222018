import { sharedState } from './shared-state.ts'

/**
 * Whether a value is an error that came from elsewhere: `decodeException` made it, in whichever copy
 * of the package. That holds for the errors inside it too, such as its cause.
 */
export function isRemoteException(value: unknown): value is Error {
  return isObject(value) && sharedState().remoteRecords.has(value)
}

/**
 * Gives the traceback of an error that came from elsewhere: its stack there and, under it, a line
 * for each place it went through. It stays when the `stack` of the error is changed. `undefined` for
 * any other value.
 */
export function getRemoteTraceback(value: unknown): string | undefined {
  return isObject(value) ? sharedState().remoteRecords.get(value)?.traceback : undefined
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
