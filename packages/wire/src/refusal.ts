import { doesNotFit } from './byte-writer.ts'
import { EncodeError, FrameTooLargeError } from './errors.ts'

/** Thrown where a value cannot be encoded, and on its way out given the path to there. */
export class Refusal extends Error {
  /** The `kind` of the `EncodeError`. */
  readonly kind: string
  /** What follows the path in the message. */
  readonly clause: string
  /** The container that is one too deep. */
  readonly tooDeep: object | undefined
  /** The names of the parts that lead there, innermost first. */
  readonly steps: string[] = []
  /** How many steps lead from the container that is too deep to itself, if it holds itself. */
  round: number | undefined

  constructor(kind: string, clause: string, options: RefusalOptions = {}) {
    super(clause, 'cause' in options ? { cause: options.cause } : undefined)
    this.kind = kind
    this.clause = clause
    this.tooDeep = options.tooDeep
  }
}

interface RefusalOptions extends ErrorOptions {
  readonly tooDeep?: object
}

/**
 * Adds the step from a container to one of its parts to what was thrown while that part was
 * encoded. What the user's own code threw (a getter, a trap of a proxy) becomes a refusal here.
 */
export function addStep(thrown: unknown, container: object, step: string | undefined): unknown {
  if (thrown instanceof FrameTooLargeError || thrown === doesNotFit) return thrown
  const refusal = thrown instanceof Refusal ? thrown : unreadable(thrown)
  const { steps } = refusal
  if (step !== undefined) steps.push(step)
  if (container === refusal.tooDeep) {
    refusal.round ??= steps.length
    steps.length = refusal.round
  }
  return refusal
}

/** The error that the caller of `encode` gets for what was thrown while it ran. */
export function toEncodeError(thrown: unknown): unknown {
  if (thrown instanceof FrameTooLargeError || thrown === doesNotFit) return thrown
  const refusal = thrown instanceof Refusal ? thrown : unreadable(thrown)
  const { round, kind, clause, cause } = refusal
  const path = showPath(refusal.steps.toReversed().join(''))
  const options = 'cause' in refusal ? { cause } : undefined
  return round === undefined
    ? new EncodeError(`${path} ${clause}`, { path, kind }, options)
    : new EncodeError(`${path} leads back to itself`, { path, kind: 'cycle' }, options)
}

/** The step to an own property, as one would write it. */
export function propertyStep(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function unreadable(thrown: unknown): Refusal {
  if (thrown instanceof RangeError && thrown.message.includes('call stack')) {
    return new Refusal('depth', 'is nested deeper than the stack allows', { cause: thrown })
  }
  return new Refusal('unreadable', `cannot be read: ${showThrown(thrown)}`, { cause: thrown })
}

/** What was thrown, in one phrase, whatever it is. */
export function showThrown(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be shown'
  }
}

function showPath(steps: string): string {
  const path = `$${steps}`
  if (path.length <= maxPathChars) return path
  const half = maxPathChars / 2
  return `${path.slice(0, half)} … ${path.slice(-half)}`
}

const maxPathChars = 1_000
