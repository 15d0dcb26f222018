/** What is being made while one exception is decoded. */
export interface Decoding {
  readonly errors: readonly unknown[]
  readonly objects: readonly unknown[]
  readonly originLine: string
  readonly maxDepth: number
  partsLeft: number
  readonly maxTextChars: number
  readonly maxBigIntDigits: number
  readonly sharesObjects: boolean
  /** What was made of each place, from the moment on that it can be referred to. */
  readonly madeErrors: Map<number, object>
  /** The places of errors whose state is being made; they cannot be referred to. */
  readonly unmadeErrors: Set<number>
  readonly madeObjects: Map<number, object>
  /** Makes the error of a place; handed in, as values hold errors and errors hold values. */
  readonly reviveError: (decoding: Decoding, data: object, place: number, depth: number) => Error
  /** How deep what was made of each place goes; missing while it is being made. */
  readonly errorHeights: Map<number, number>
  readonly objectHeights: Map<number, number>
}

/** The data is not what `encodeException` writes. */
export class MalformedSignal extends Error {}

/** Counts parts, or signals that there are too many. */
export function countParts(decoding: Decoding, parts: number): void {
  decoding.partsLeft -= parts
  if (decoding.partsLeft < 0) throw new MalformedSignal('it has too many parts')
}

/** Reads an own property of a record, whatever its prototype has. */
export function own(record: object, key: string): unknown {
  return Object.hasOwn(record, key) ? Reflect.get(record, key) : undefined
}

/** Accepts an object that is no array. */
export function asRecord(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new MalformedSignal(`${what} is no object`)
}

/** Accepts an array. */
export function asList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new MalformedSignal(`${what} is no list`)
}

/** Accepts a text as `encodeText` writes it. */
export function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value[0] === 'text') return unescapeText(value[1], what)
  throw new MalformedSignal(`${what} is no text`)
}

/** Accepts a list of texts; it is a new list. */
export function asTexts(value: unknown, what: string): string[] {
  return asList(value, what).map((text) => asText(text, what))
}

function unescapeText(literal: unknown, what: string): string {
  if (typeof literal === 'string' && literal.startsWith('"')) {
    try {
      return String(JSON.parse(literal))
    } catch {
      // Falls through to the same answer as for what is no literal at all.
    }
  }
  throw new MalformedSignal(`${what} is no text`)
}
