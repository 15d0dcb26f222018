const brand = Symbol.for('mpservice.error')

/** A class cannot be registered under a name that stands for another class already. */
export class ExceptionNameTakenError extends Error {
  static {
    this.prototype.name = 'ExceptionNameTakenError'
    Object.defineProperty(this.prototype, brand, { value: true })
  }

  readonly code = 'EXCEPTION_NAME_TAKEN'
  /** The name that is taken. */
  readonly exceptionName: string

  constructor(exceptionName: string, options?: ErrorOptions) {
    super(
      `another class is registered as exception "${exceptionName}" already; give this one a name of its own: registerException(Class, { name: '…' })`,
      options,
    )
    this.exceptionName = exceptionName
  }
}

/** Whether a value is an `ExceptionNameTakenError`, from whichever copy of the package. */
export function isExceptionNameTakenError(value: unknown): value is ExceptionNameTakenError {
  return hasCode(value, 'EXCEPTION_NAME_TAKEN')
}

/** What `decodeException` gives, not throws, for data that no `encodeException` wrote. */
export class MalformedExceptionError extends Error {
  static {
    this.prototype.name = 'MalformedExceptionError'
    Object.defineProperty(this.prototype, brand, { value: true })
  }

  readonly code = 'MALFORMED_EXCEPTION'
  /** What is wrong with the data. */
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`an exception arrived as malformed data: ${reason}`, options)
    this.reason = reason
  }
}

/** Whether a value is a `MalformedExceptionError`, from whichever copy of the package. */
export function isMalformedExceptionError(value: unknown): value is MalformedExceptionError {
  return hasCode(value, 'MALFORMED_EXCEPTION')
}

/**
 * Stands where something cannot be carried to another process: a thrown function, a cause that is
 * nested too deep, an object that cannot be read. The message says what was there.
 */
export class NotCarriedError extends Error {
  static {
    this.prototype.name = 'NotCarriedError'
    Object.defineProperty(this.prototype, brand, { value: true })
  }

  readonly code = 'NOT_CARRIED'
}

/** Whether a value is a `NotCarriedError`, from whichever copy of the package. */
export function isNotCarriedError(value: unknown): value is NotCarriedError {
  return hasCode(value, 'NOT_CARRIED')
}

function hasCode(value: unknown, code: string): boolean {
  return value instanceof Error && brand in value && 'code' in value && value.code === code
}
