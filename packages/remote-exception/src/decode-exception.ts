import { decodeValue } from './decode-value.ts'
import { asList, asRecord, asText, type Decoding, MalformedSignal, own } from './decoding.ts'
import { defineHidden, withoutFrames } from './error-properties.ts'
import { MalformedExceptionError } from './errors.ts'
import { exceptionDataVersion } from './exception-data.ts'
import { deepestLevel, limitOr } from './limits.ts'
import { originLine } from './origin.ts'
import { RemoteTraceback } from './remote-traceback.ts'
import { reviveError } from './revive-error.ts'
import { sharedState } from './shared-state.ts'

/** How much of an exception is accepted; every field is optional. */
export interface DecodeExceptionOptions {
  /**
   * How deep causes, errors and fields may be nested, at most 250; in the place of what is deeper
   * stands a `NotCarriedError`.
   *
   * @default 250
   */
  readonly maxDepth?: number | undefined
  /**
   * How many values there may be in all; with more, the data counts as malformed.
   *
   * @default 1_000_000
   */
  readonly maxParts?: number | undefined
  /**
   * The characters of a message and of a stack; the rest is cut off.
   *
   * @default Infinity
   */
  readonly maxTextChars?: number | undefined
  /**
   * The bytes of a bigint; with more, the data counts as malformed.
   *
   * @default Infinity
   */
  readonly maxBigIntBytes?: number | undefined
  /**
   * Whether an object can be mentioned twice, also inside itself; if not, a `NotCarriedError` stands
   * in the second place. Errors always can, since a cause may lead back to its error.
   *
   * @default true
   */
  readonly sharesObjects?: boolean | undefined
}

/**
 * Makes of the data that `encodeException` gave what was thrown: an error of the same class with its
 * message, fields and causes, or the thrown value itself. Each call makes new objects.
 *
 * The `stack` of an error is the one it had where it was thrown and, under it, a line for each place
 * it went through. Where the thrown error has no cause of its own, its `cause` is a `RemoteTraceback`.
 * A class that is not known here becomes its nearest ancestor that is.
 *
 * Never throws and never runs what the data says, whoever wrote it: malformed data gives a
 * `MalformedExceptionError`. Only the `decode` hook of a registered class is called with what came.
 *
 * @example
 *   child.on('message', (data) => {
 *     const error = decodeException(data)
 *     if (error instanceof RangeError) console.log(error.message)
 *   })
 */
export function decodeException(data: unknown, options: DecodeExceptionOptions = {}): unknown {
  try {
    return decodeAll(data, options)
  } catch (error) {
    return error instanceof MalformedSignal
      ? new MalformedExceptionError(error.message)
      : new MalformedExceptionError('it cannot be read', { cause: error })
  }
}

function decodeAll(data: unknown, options: DecodeExceptionOptions): unknown {
  const record = asRecord(data, 'it')
  if (own(record, 'exception') !== exceptionDataVersion) {
    throw new MalformedSignal('it is no exception data of this version')
  }
  const decoding: Decoding = {
    errors: asList(own(record, 'errors'), 'the list of errors'),
    objects: asList(own(record, 'objects'), 'the list of objects'),
    originLine: originLine(asText(own(record, 'origin'), 'the origin').slice(0, maxOriginChars)),
    maxDepth: Math.min(deepestLevel, limitOr(deepestLevel, options.maxDepth)),
    partsLeft: limitOr(1_000_000, options.maxParts),
    maxTextChars: limitOr(Infinity, options.maxTextChars),
    maxBigIntDigits: 2 * (options.maxBigIntBytes ?? Infinity),
    sharesObjects: options.sharesObjects ?? true,
    reviveError,
    madeErrors: new Map(),
    unmadeErrors: new Set(),
    madeObjects: new Map(),
    errorHeights: new Map(),
    objectHeights: new Map(),
  }
  const thrown = decodeValue(decoding, own(record, 'thrown'), 0)
  addTraceback(thrown)
  return thrown
}

const maxOriginChars = 1_000

function addTraceback(thrown: unknown): void {
  const { remoteRecords } = sharedState()
  if (!(thrown instanceof Error) || 'cause' in thrown) return
  const record = remoteRecords.get(thrown)
  if (record === undefined) return
  const addedCause = withoutFrames(() => new RemoteTraceback(record.traceback))
  defineHidden(thrown, 'cause', addedCause)
  remoteRecords.set(thrown, { ...record, addedCause })
}
