/**
 * A thrown value as plain data: strings, finite numbers, booleans, `null`, arrays and plain objects
 * only, so that JSON, structured clone and msgpack all carry it unchanged.
 *
 * It is flat: errors and objects stand in two lists and refer to each other by index. So its own
 * nesting is at most six levels however long a chain of causes is, cycles need nothing special,
 * and no value of a user can be taken for a mark of the format.
 */
export interface ExceptionData {
  /** The version of the format. */
  readonly exception: typeof exceptionDataVersion
  /** Where it was encoded, such as `process 1234`. */
  readonly origin: string
  /** What was thrown. */
  readonly thrown: EncodedValue
  /** Every error in it, each once. */
  readonly errors: readonly ErrorData[]
  /** Every object, array, map and set in it, each once. */
  readonly objects: readonly ObjectData[]
  /** For a thrown non-error: the paths of what could not be carried, such as `options.callback`. */
  readonly dropped?: readonly string[]
}

/** One error of an `ExceptionData`. */
export interface ErrorData {
  /** The names of its classes, from its own to `Error`; the first known one is revived. */
  readonly classes: readonly string[]
  readonly name?: EncodedText
  /** Left out where the error has no message of its own. */
  readonly message?: EncodedText
  readonly stack?: EncodedText
  /** Set where the text of the error is `name [code]: message`, as of errors of Node.js itself. */
  readonly printsCode?: true
  /** Present only where the error has a cause of its own, which may be `undefined`. */
  readonly cause?: EncodedValue
  /** Own properties that are not enumerable: `errors`, `error` or `suppressed` of built-in classes. */
  readonly hidden?: readonly EncodedField[]
  /** Own enumerable properties, in order. */
  readonly fields?: readonly EncodedField[]
  /** The class that has an `encode` hook, and what that gave. */
  readonly state?: readonly [className: string, state: EncodedValue]
  /** The paths of what could not be carried, such as `options.callback`. */
  readonly dropped?: readonly string[]
}

/** One container of an `ExceptionData`; the items of objects and maps are key, value, key, value. */
export interface ObjectData {
  readonly kind: 'object' | 'null-object' | 'array' | 'map' | 'set'
  readonly items: readonly EncodedValue[]
}

/** A name and a value. */
export type EncodedField = readonly [name: EncodedText, value: EncodedValue]

/** A string; one with lone surrogates is written as its JSON literal. */
export type EncodedText = string | readonly ['text', string]

/**
 * A value that stands for itself, or, as an array, a kind and what is needed to make it: arrays of
 * the user are always in `objects`.
 */
export type EncodedValue =
  | EncodedText
  | number
  | boolean
  | null
  | readonly ['undefined']
  | readonly ['hole']
  | readonly ['number', string]
  | readonly ['bigint', string]
  | readonly ['date', number | null]
  | readonly ['bytes', string, string]
  | readonly ['error', number]
  | readonly ['object', number]

/** The version of the format that this package writes and reads. */
export const exceptionDataVersion = 1

/** Properties of an error that have their own place in `ErrorData` and are never fields. */
export const reservedNames: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause'])

/** The properties that built-in error classes keep without making them enumerable. */
export const hiddenNames: ReadonlySet<string> = new Set(['errors', 'error', 'suppressed'])
