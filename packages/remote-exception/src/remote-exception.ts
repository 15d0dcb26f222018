import { inspect, type InspectOptions } from 'node:util'

const brand = Symbol.for('mpservice.remote-exception.wrapper')

/**
 * Marks a value as an exception where it would otherwise be taken for a result: "send this one as an
 * exception". Whoever receives it gets `error` itself, never the wrapper.
 *
 * It is not an `Error`: it is to be returned or sent, not thrown. Thrown all the same, it counts as
 * its `error`.
 */
export class RemoteException {
  static {
    Object.defineProperty(this.prototype, brand, { value: true })
    Object.defineProperty(this.prototype, inspect.custom, { value: inspectWrapper })
  }

  /** The exception; any value can be one. */
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }

  /** The wrapper and its exception in one line. */
  toString(): string {
    return `RemoteException(${inspectBriefly(this.error)})`
  }
}

/** Whether a value is a `RemoteException`, the wrapper, from whichever copy of the package. */
export function isRemoteExceptionWrapper(value: unknown): value is RemoteException {
  if (typeof value !== 'object' || value === null) return false
  try {
    return brand in value && 'error' in value
  } catch {
    return false
  }
}

function inspectBriefly(value: unknown): string {
  try {
    return value instanceof Error ? String(value) : inspect(value, { breakLength: Infinity })
  } catch {
    return '?'
  }
}

function inspectWrapper(this: RemoteException, depth: number, options: InspectOptions): string {
  return depth < 0 ? '[RemoteException]' : `RemoteException(${inspect(this.error, options)})`
}
