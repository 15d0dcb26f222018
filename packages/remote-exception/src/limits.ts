/** How much of an exception is sent; every field is optional. A value that is no number ≥ 0 counts as the default. */
export interface EncodeExceptionOptions {
  /**
   * Where this code runs, in the words that follow "in", such as `describeOrigin('adder')`.
   *
   * @default describeOrigin()
   */
  readonly origin?: string | undefined
  /**
   * The characters of a message that are sent; what follows is cut, and the cut says how much.
   *
   * @default 65_536
   */
  readonly maxMessageChars?: number | undefined
  /**
   * The characters of a stack that are sent; the middle is cut. 0 sends no stacks.
   *
   * @default 131_072
   */
  readonly maxStackChars?: number | undefined
  /**
   * How many levels of causes, errors and nested fields are followed, at most 250. A deeper cause
   * is replaced by a `NotCarriedError`, a deeper field is dropped.
   *
   * @default 100
   */
  readonly maxDepth?: number | undefined
  /**
   * How many errors, fields and items are sent in all. Fields that do not fit are dropped.
   *
   * @default 10_000
   */
  readonly maxParts?: number | undefined
  /**
   * The characters of all text together. Stacks that do not fit are cut, fields are dropped.
   *
   * @default 4_194_304
   */
  readonly maxTotalChars?: number | undefined
}

/** `EncodeExceptionOptions` with its defaults filled in. */
export interface EncodeLimits {
  readonly maxMessageChars: number
  readonly maxStackChars: number
  readonly maxDepth: number
  readonly maxParts: number
  readonly maxTotalChars: number
}

/** Decoding goes down by calls; this leaves it room for three times as many. */
export const deepestLevel = 250

/** Fills in the defaults. */
export function resolveLimits(options: EncodeExceptionOptions): EncodeLimits {
  return {
    maxMessageChars: limitOr(65_536, options.maxMessageChars),
    maxStackChars: limitOr(131_072, options.maxStackChars),
    maxDepth: Math.min(deepestLevel, limitOr(100, options.maxDepth)),
    // The thrown value itself is a part.
    maxParts: Math.max(1, limitOr(10_000, options.maxParts)),
    maxTotalChars: limitOr(4_194_304, options.maxTotalChars),
  }
}

/** A limit as given, or the default where it is none. */
export function limitOr(fallback: number, limit: number | undefined): number {
  return typeof limit === 'number' && limit >= 0 ? Math.floor(limit) : fallback
}
