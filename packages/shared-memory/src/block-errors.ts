import { hasErrorCode, MpserviceError } from '@mpservice/contract'
import { type ErrorClass, registerException } from '@mpservice/remote-exception'

/** There is no such block: the name or handle was never valid, or nobody holds the block any more. */
export class SharedMemoryNotFoundError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryNotFoundError'
  }

  readonly code = 'SHARED_MEMORY_NOT_FOUND'
  /** What was looked for: a name, or where a handle points to. */
  readonly block: string

  constructor(facts: { readonly block: string }, options?: ErrorOptions) {
    super(`no process of this user holds a block of shared memory '${facts.block}'`, options)
    this.block = facts.block
  }
}

/** Whether a value is a `SharedMemoryNotFoundError`, from whichever copy of the package. */
export function isSharedMemoryNotFoundError(value: unknown): value is SharedMemoryNotFoundError {
  return hasErrorCode(value, 'SHARED_MEMORY_NOT_FOUND')
}

/** A block cannot be created under a name, because a process holds one of that name. */
export class SharedMemoryExistsError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryExistsError'
  }

  readonly code = 'SHARED_MEMORY_EXISTS'
  /** The name that is taken. */
  readonly block: string

  constructor(facts: { readonly block: string }, options?: ErrorOptions) {
    super(`a block of shared memory '${facts.block}' exists`, options)
    this.block = facts.block
  }
}

/** Whether a value is a `SharedMemoryExistsError`, from whichever copy of the package. */
export function isSharedMemoryExistsError(value: unknown): value is SharedMemoryExistsError {
  return hasErrorCode(value, 'SHARED_MEMORY_EXISTS')
}

/** A block was used after it was closed here. */
export class SharedMemoryClosedError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryClosedError'
  }

  readonly code = 'SHARED_MEMORY_CLOSED'
  /** The name of the block. */
  readonly block: string

  constructor(facts: { readonly block: string }, options?: ErrorOptions) {
    super(`the block of shared memory '${facts.block}' is closed in this process`, options)
    this.block = facts.block
  }
}

/** Whether a value is a `SharedMemoryClosedError`, from whichever copy of the package. */
export function isSharedMemoryClosedError(value: unknown): value is SharedMemoryClosedError {
  return hasErrorCode(value, 'SHARED_MEMORY_CLOSED')
}

/** A block is smaller than the one who opens it needs. */
export class SharedMemoryTooSmallError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryTooSmallError'
  }

  readonly code = 'SHARED_MEMORY_TOO_SMALL'
  /** The name of the block. */
  readonly block: string
  readonly sizeBytes: number
  readonly minSizeBytes: number

  constructor(
    facts: { readonly block: string; readonly sizeBytes: number; readonly minSizeBytes: number },
    options?: ErrorOptions,
  ) {
    const { block, sizeBytes, minSizeBytes } = facts
    super(
      `the block of shared memory '${block}' has ${sizeBytes} bytes, ${minSizeBytes} are needed`,
      options,
    )
    this.block = block
    this.sizeBytes = sizeBytes
    this.minSizeBytes = minSizeBytes
  }
}

/** Whether a value is a `SharedMemoryTooSmallError`, from whichever copy of the package. */
export function isSharedMemoryTooSmallError(value: unknown): value is SharedMemoryTooSmallError {
  return hasErrorCode(value, 'SHARED_MEMORY_TOO_SMALL')
}

/** What tells a block from whatever else may be where its handle points to. */
export type BlockProperty = 'kind' | 'inode' | 'size' | 'seals' | 'label' | 'nonce'

/**
 * What a handle points to is something else than the block that it was made for: its process has
 * ended, or closed the block, and the pid or the descriptor was used again. It was not mapped.
 */
export class SharedMemoryMismatchError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryMismatchError'
  }

  readonly code = 'SHARED_MEMORY_MISMATCH'
  /** Where the handle points to. */
  readonly block: string
  /** The first thing that was found to differ. */
  readonly property: BlockProperty

  constructor(
    facts: { readonly block: string; readonly property: BlockProperty },
    options?: ErrorOptions,
  ) {
    super(
      `what is at ${facts.block} is not the block of the handle: its ${facts.property} differs`,
      options,
    )
    this.block = facts.block
    this.property = facts.property
  }
}

/** Whether a value is a `SharedMemoryMismatchError`, from whichever copy of the package. */
export function isSharedMemoryMismatchError(value: unknown): value is SharedMemoryMismatchError {
  return hasErrorCode(value, 'SHARED_MEMORY_MISMATCH')
}

/** A block belongs to a process whose memory this one may not open, such as another user's. */
export class SharedMemoryDeniedError extends MpserviceError {
  static {
    this.prototype.name = 'SharedMemoryDeniedError'
  }

  readonly code = 'SHARED_MEMORY_DENIED'
  /** Where the handle points to. */
  readonly block: string

  constructor(facts: { readonly block: string }, options?: ErrorOptions) {
    super(
      `the system does not let this process open ${facts.block}: it needs the same user and no fewer capabilities than its process`,
      options,
    )
    this.block = facts.block
  }
}

/** Whether a value is a `SharedMemoryDeniedError`, from whichever copy of the package. */
export function isSharedMemoryDeniedError(value: unknown): value is SharedMemoryDeniedError {
  return hasErrorCode(value, 'SHARED_MEMORY_DENIED')
}

// A second copy of this package leaves the first one's classes in place.
for (const Class of [
  SharedMemoryNotFoundError,
  SharedMemoryExistsError,
  SharedMemoryClosedError,
  SharedMemoryTooSmallError,
  SharedMemoryMismatchError,
  SharedMemoryDeniedError,
] satisfies ErrorClass[]) {
  registerException<Error>(Class, { name: `mpservice.${Class.prototype.name}`, ifTaken: 'keep' })
}
