import { wellFormed } from './encode-text.ts'
import type { EncodedValue, ErrorData, ObjectData } from './exception-data.ts'
import type { EncodeLimits } from './limits.ts'

/** What is being written while one exception is encoded. */
export interface Encoding {
  readonly limits: EncodeLimits
  /** Places in these lists are given out before their content is known. */
  readonly errors: ErrorData[]
  readonly objects: ObjectData[]
  /** Errors that have a place and are to be written, in the order of their places. */
  readonly pending: PendingError[]
  /** Where each object that was met already stands. */
  readonly places: Map<object, EncodedValue>
  /** The keys of `places` in order. */
  readonly placed: object[]
  /** The keys that lead to the value being written. */
  readonly path: (string | number)[]
  /** The paths of what could not be carried, of the error being written. */
  dropped: string[]
  partsLeft: number
  charsLeft: number
  /** Unlike `partsLeft` never given back, so that many large fields cost little more than one. */
  workLeft: number
}

/** An error that has its place but is not written yet. */
interface PendingError {
  readonly error: object
  readonly place: number
  readonly depth: number
}

/** The value itself cannot be carried; what holds it can, without it. The message says what it is. */
export class UncarriableSignal extends Error {}

/** The limits are reached: the whole field is left out. */
export class OverLimitSignal extends Error {
  constructor() {
    super('what is over the limits of size')
  }
}

/** Makes an empty one. */
export function startEncoding(limits: EncodeLimits): Encoding {
  return {
    limits,
    errors: [],
    objects: [],
    pending: [],
    places: new Map(),
    placed: [],
    path: [],
    dropped: [],
    partsLeft: limits.maxParts,
    charsLeft: limits.maxTotalChars,
    workLeft: limits.maxParts * 10,
  }
}

/** Takes parts and characters from what is left, or signals that there is not enough. */
export function charge(encoding: Encoding, parts: number, chars: number): void {
  encoding.workLeft -= parts
  encoding.partsLeft -= parts
  encoding.charsLeft -= chars
  if (encoding.workLeft < 0 || encoding.partsLeft < 0 || encoding.charsLeft < 0) {
    throw new OverLimitSignal()
  }
}

/** Gives an object its place, where later mentions of it refer to. */
export function setPlace(encoding: Encoding, object: object, place: EncodedValue): void {
  encoding.places.set(object, place)
  encoding.placed.push(object)
}

/**
 * Writes something whole or not at all: when that throws, what it wrote is taken back, the path with
 * this key is noted as dropped, and the answer says what stands there. Otherwise it is `undefined`.
 */
export function writeOrDrop(
  encoding: Encoding,
  key: string,
  write: () => void,
): string | undefined {
  const { partsLeft, charsLeft, errors, objects, pending, placed, path, dropped } = encoding
  const errorCount = errors.length
  const objectCount = objects.length
  const pendingCount = pending.length
  const placedCount = placed.length
  const pathLength = path.length
  const droppedCount = dropped.length
  path.push(key)
  try {
    write()
    return undefined
  } catch (error) {
    errors.length = errorCount
    objects.length = objectCount
    pending.length = pendingCount
    for (const object of placed.splice(placedCount)) encoding.places.delete(object)
    encoding.partsLeft = partsLeft
    encoding.charsLeft = charsLeft
    dropped.length = droppedCount
    path.length = pathLength + 1
    noteDropped(encoding)
    return whatWasThere(error)
  } finally {
    path.length = pathLength
  }
}

/** Notes that the value at the current path is not carried. */
export function noteDropped(encoding: Encoding): void {
  const { dropped, path } = encoding
  if (dropped.length > maxDropped) return
  dropped.push(dropped.length === maxDropped ? '…' : pathText(path))
}

const maxDropped = 100
const maxPathChars = 200

function whatWasThere(error: unknown): string {
  const isSignal = error instanceof UncarriableSignal || error instanceof OverLimitSignal
  // Whatever else is thrown comes from a getter or a proxy of the user.
  return isSignal ? error.message : 'what cannot be read'
}

function pathText(path: readonly (string | number)[]): string {
  let text = ''
  for (const key of path) {
    text += typeof key === 'number' ? `[${key}]` : text === '' ? key : `.${key}`
    if (text.length > maxPathChars) return `${wellFormed(text.slice(0, maxPathChars))}…`
  }
  return wellFormed(text)
}
