import { inspect, type InspectOptions } from 'node:util'
import { setStack } from './error-properties.ts'

const brand = Symbol.for('mpservice.remote-exception.traceback')

/**
 * The traceback of an exception that came from elsewhere, as its message: the stack that it had
 * there and, under it, a line for each place it went through. Its `stack` is the same text, indented.
 *
 * It is the `cause` of a decoded exception that has no cause of its own. Printed as a part of that
 * exception it is one line, since the text is in the exception's own `stack`.
 */
export class RemoteTraceback extends Error {
  static {
    this.prototype.name = 'RemoteTraceback'
    Object.defineProperty(this.prototype, brand, { value: true })
    Object.defineProperty(this.prototype, inspect.custom, { value: inspectTraceback })
  }

  constructor(text: string) {
    super(text)
    // Not indented, the printed exception would leave out its own frames as "matching cause".
    setStack(this, `RemoteTraceback:\n  ${text.replaceAll('\n', '\n  ')}`)
  }
}

/** Whether a value is a `RemoteTraceback`, from whichever copy of the package. */
export function isRemoteTraceback(value: unknown): value is RemoteTraceback {
  return value instanceof Error && brand in value
}

function inspectTraceback(
  this: RemoteTraceback,
  depth: number | null,
  options: InspectOptions,
): string {
  const isOutermost = Number.isFinite(depth) && depth === options.depth
  if (isOutermost) return String(this.stack)
  return `[RemoteTraceback: ${placesOf(this.message).join(', ')}]`
}

function placesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.findLastIndex((line) => !line.startsWith('    in '))
  return lines.slice(last + 1).map((line) => line.trim())
}
