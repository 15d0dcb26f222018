import { hasErrorCode, MpserviceError, UnsafePathError } from '@mpservice/contract'
import { type ErrorClass, registerException } from '@mpservice/remote-exception'

/** Why memory cannot be shared here: see `SharedMemoryUnavailableError`. */
export type UnavailableReason =
  | 'switched-off'
  | 'unsupported'
  | 'not-installed'
  | 'not-loadable'
  | 'refused'

/** Memory cannot be shared between processes in this program; message paths then use pipes. */
export class SharedMemoryUnavailableError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryUnavailableError'
  }

  readonly code = 'SHARED_MEMORY_UNAVAILABLE'
  /**
   * `switched-off` by the environment variable MPSERVICE_NO_NATIVE; an `unsupported` system; a native
   * package that is `not-installed` or `not-loadable`; or `refused` by the system (see `cause`).
   */
  readonly reason: UnavailableReason

  constructor(
    message: string,
    facts: { readonly reason: UnavailableReason },
    options?: ErrorOptions,
  ) {
    super(`memory cannot be shared between processes: ${message}`, options)
    this.reason = facts.reason
  }
}

/** Whether a value is a `SharedMemoryUnavailableError`, from whichever copy of the package. */
export function isSharedMemoryUnavailableError(
  value: unknown,
): value is SharedMemoryUnavailableError {
  return hasErrorCode(value, 'SHARED_MEMORY_UNAVAILABLE')
}

/** The system refused something that a block needs: memory, address space, descriptors. */
export class SharedMemorySystemError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemorySystemError'
  }

  readonly code = 'SHARED_MEMORY_SYSTEM'
  /** The system call, such as `mmap`. */
  readonly syscall: string
  /** The name of the reason, such as `ENOMEM`. */
  readonly reason: string

  constructor(
    facts: { readonly syscall: string; readonly reason: string },
    options?: ErrorOptions,
  ) {
    super(`the system refused ${facts.syscall} for shared memory: ${facts.reason}`, options)
    this.syscall = facts.syscall
    this.reason = facts.reason
  }
}

/** Whether a value is a `SharedMemorySystemError`, from whichever copy of the package. */
export function isSharedMemorySystemError(value: unknown): value is SharedMemorySystemError {
  return hasErrorCode(value, 'SHARED_MEMORY_SYSTEM')
}

/** A name that no block can have. */
export class SharedMemoryNameError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryNameError'
  }

  readonly code = 'SHARED_MEMORY_NAME'
  /** The name, cut to 200 characters. */
  readonly block: string

  constructor(facts: { readonly block: string }, options?: ErrorOptions) {
    const block = facts.block.slice(0, 200)
    super(
      `${JSON.stringify(block)} is no name for a block of shared memory: a name has 1 to 100 letters, digits, '.', '_' or '-', and begins with a letter or digit`,
      options,
    )
    this.block = block
  }
}

/** Whether a value is a `SharedMemoryNameError`, from whichever copy of the package. */
export function isSharedMemoryNameError(value: unknown): value is SharedMemoryNameError {
  return hasErrorCode(value, 'SHARED_MEMORY_NAME')
}

/** What was given as the handle of a block is not one, or was made on another system. */
export class SharedMemoryHandleError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryHandleError'
  }

  readonly code = 'SHARED_MEMORY_HANDLE'

  constructor(options?: ErrorOptions) {
    super('the value is not the handle of a block of shared memory', options)
  }
}

/** Whether a value is a `SharedMemoryHandleError`, from whichever copy of the package. */
export function isSharedMemoryHandleError(value: unknown): value is SharedMemoryHandleError {
  return hasErrorCode(value, 'SHARED_MEMORY_HANDLE')
}

// A second copy of this package leaves the first one's classes in place.
for (const Class of [
  SharedMemoryUnavailableError,
  SharedMemorySystemError,
  SharedMemoryNameError,
  SharedMemoryHandleError,
  UnsafePathError,
] satisfies ErrorClass[]) {
  registerException<Error>(Class, { name: `mpservice.${Class.prototype.name}`, ifTaken: 'keep' })
}
