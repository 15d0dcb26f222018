import { describeValue } from './describe-value.ts'
import { encodeError, notCarried } from './encode-error.ts'
import { encodeValue } from './encode-value.ts'
import { type Encoding, startEncoding, writeOrDrop } from './encoding.ts'
import { type EncodedValue, type ExceptionData, exceptionDataVersion } from './exception-data.ts'
import { type EncodeExceptionOptions, resolveLimits } from './limits.ts'
import { describeOrigin, tidyOrigin } from './origin.ts'
import { isRemoteExceptionWrapper } from './remote-exception.ts'

/**
 * Makes plain data of a thrown value, whatever it is; `decodeException` makes the value of it again.
 *
 * Carried are: the class by its name, message, stack, own enumerable fields, the chain of causes,
 * `errors` of an `AggregateError`, and thrown values that are no errors. Fields can be all that
 * structured clone knows, except that a RegExp arrives as its text, and that an instance of a class
 * arrives as what its `toJSON` gives or as its fields. What cannot be carried (functions, symbols,
 * what a getter throws at, what is over the limits) is left out and named in `dropped`; the rest of
 * the error survives. Never throws.
 *
 * An error that was decoded here goes on with its whole history: one line for each place is added
 * under its stack.
 *
 * @example
 *   try {
 *     work()
 *   } catch (error) {
 *     process.send(encodeException(error))
 *   }
 */
export function encodeException(
  thrown: unknown,
  options: EncodeExceptionOptions = {},
): ExceptionData {
  try {
    return encodeAll(thrown, options)
  } catch {
    // Not even the stack of calls may be left; nothing here depends on what was thrown.
    return {
      exception: exceptionDataVersion,
      origin: `process ${process.pid}`,
      thrown: ['error', 0],
      errors: [notCarried('what was thrown cannot be read')],
      objects: [],
    }
  }
}

function encodeAll(thrown: unknown, options: EncodeExceptionOptions): ExceptionData {
  const { origin } = options
  const encoding = startEncoding(resolveLimits(options))
  const value = encodeThrown(encoding, isRemoteExceptionWrapper(thrown) ? thrown.error : thrown)
  const { dropped } = encoding
  // The list grows while errors are written: a cause, a field.
  for (const { error, place, depth } of encoding.pending) {
    encoding.dropped = []
    encoding.errors[place] = encodeError(encoding, error, depth)
  }
  return {
    exception: exceptionDataVersion,
    origin: tidyOrigin(typeof origin === 'string' ? origin : describeOrigin()),
    thrown: value,
    errors: encoding.errors,
    objects: encoding.objects,
    ...(dropped.length > 0 && { dropped }),
  }
}

function encodeThrown(encoding: Encoding, thrown: unknown): EncodedValue {
  let value: EncodedValue = null
  const uncarried = writeOrDrop(encoding, '', () => {
    value = encodeValue(encoding, thrown, 0)
  })
  if (uncarried === undefined) return value
  encoding.dropped.length = 0
  encoding.errors.push(
    notCarried(`${describeValue(thrown)} was thrown and cannot be carried: it is ${uncarried}`),
  )
  return ['error', 0]
}
