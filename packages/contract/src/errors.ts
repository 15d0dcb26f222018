const brand = Symbol.for('mpservice.error')

/**
 * The base of every error class of mpservice: one class per reason, told apart by `code`.
 *
 * Test with `isMpserviceError`, `hasErrorCode` or the guard beside a class rather than with
 * `instanceof`, which fails when an application holds two copies of a package.
 */
export abstract class MpserviceError extends Error {
  static {
    this.prototype.name = 'MpserviceError'
    Object.defineProperty(this.prototype, brand, { value: true })
  }

  /** The reason, as a constant that callers can switch on. */
  abstract readonly code: string
}

/** Whether a value is an error of any mpservice package, from whichever copy of it. */
export function isMpserviceError(value: unknown): value is MpserviceError {
  return typeof value === 'object' && value !== null && brand in value
}

/** Whether a value is the mpservice error with this code, from whichever copy of its package. */
export function hasErrorCode<Code extends string>(
  value: unknown,
  code: Code,
): value is MpserviceError & { readonly code: Code } {
  return isMpserviceError(value) && value.code === code
}

/**
 * What was being waited for when time ran out: `enqueue` a place in a full server, `total` the
 * answer of a call; other waits name themselves (`start`, `result`, `join`).
 */
export type TimeoutPhase = 'enqueue' | 'total' | 'start' | 'result' | 'join' | (string & {})

/** A wait ended because its time was up. */
export class TimeoutError extends MpserviceError {
  static {
    this.prototype.name = 'TimeoutError'
  }

  readonly code = 'TIMEOUT'
  /** What was being waited for. */
  readonly phase: TimeoutPhase
  /** How long the wait really lasted, in milliseconds. */
  readonly elapsedMs: number
  /** How long it was allowed to last, in milliseconds. */
  readonly timeoutMs: number

  constructor(
    facts: { readonly phase: TimeoutPhase; readonly elapsedMs: number; readonly timeoutMs: number },
    options?: ErrorOptions,
  ) {
    super(
      `time is up in phase "${facts.phase}": waited ${Math.round(facts.elapsedMs)} ms of ${facts.timeoutMs} ms`,
      options,
    )
    this.phase = facts.phase
    this.elapsedMs = facts.elapsedMs
    this.timeoutMs = facts.timeoutMs
  }
}

/** Whether a value is a `TimeoutError`, from whichever copy of the package. */
export function isTimeoutError(value: unknown): value is TimeoutError {
  return hasErrorCode(value, 'TIMEOUT')
}

/** A function or class cannot be found again in another process; the message says what to add. */
export class NotImportableError extends MpserviceError {
  static {
    this.prototype.name = 'NotImportableError'
  }

  readonly code = 'NOT_IMPORTABLE'
  /** The name of the function, class or export. */
  readonly target: string

  constructor(message: string, facts: { readonly target: string }, options?: ErrorOptions) {
    super(message, options)
    this.target = facts.target
  }
}

/** Whether a value is a `NotImportableError`, from whichever copy of the package. */
export function isNotImportableError(value: unknown): value is NotImportableError {
  return hasErrorCode(value, 'NOT_IMPORTABLE')
}

/** A directory or file that other users could have made, or could change, is not used. */
export class UnsafePathError extends MpserviceError {
  static {
    this.prototype.name = 'UnsafePathError'
  }

  readonly code = 'UNSAFE_PATH'
  readonly path: string
  /** What is wrong with it. */
  readonly problem: string

  constructor(facts: { readonly path: string; readonly problem: string }, options?: ErrorOptions) {
    super(`${facts.path} is not safe to use: ${facts.problem}`, options)
    this.path = facts.path
    this.problem = facts.problem
  }
}

/** Whether a value is an `UnsafePathError`, from whichever copy of the package. */
export function isUnsafePathError(value: unknown): value is UnsafePathError {
  return hasErrorCode(value, 'UNSAFE_PATH')
}
