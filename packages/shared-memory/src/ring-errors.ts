import { hasErrorCode, MpserviceError } from '@mpservice/contract'
import { type ErrorClass, registerException } from '@mpservice/remote-exception'

/** Which part of a ring holds what its other side cannot have written. */
export type RingPart = 'layout' | 'head' | 'tail' | 'length'

/**
 * The memory of a ring holds something that cannot be there: the other side wrote over it, or it
 * was not initialised. Nothing more can be read or written through it.
 */
export class RingCorruptedError extends MpserviceError {
  static {
    this.prototype.name = 'RingCorruptedError'
  }

  readonly code = 'RING_CORRUPTED'
  readonly part: RingPart
  /** What is there; what it would have to be depends on the state of the ring. */
  readonly value: number

  constructor(facts: { readonly part: RingPart; readonly value: number }, options?: ErrorOptions) {
    super(`a ring is corrupted: its ${facts.part} cannot be ${facts.value}`, options)
    this.part = facts.part
    this.value = facts.value
  }
}

/** Whether a value is a `RingCorruptedError`, from whichever copy of the package. */
export function isRingCorruptedError(value: unknown): value is RingCorruptedError {
  return hasErrorCode(value, 'RING_CORRUPTED')
}

/** A record is larger than a ring carries, however empty the ring is; nothing was written. */
export class RecordTooLargeError extends MpserviceError {
  static {
    this.prototype.name = 'RecordTooLargeError'
  }

  readonly code = 'RECORD_TOO_LARGE'
  readonly bytes: number
  readonly maxRecordBytes: number

  constructor(
    facts: { readonly bytes: number; readonly maxRecordBytes: number },
    options?: ErrorOptions,
  ) {
    super(
      `a record of ${facts.bytes} bytes is over the limit of ${facts.maxRecordBytes} bytes for this ring`,
      options,
    )
    this.bytes = facts.bytes
    this.maxRecordBytes = facts.maxRecordBytes
  }
}

/** Whether a value is a `RecordTooLargeError`, from whichever copy of the package. */
export function isRecordTooLargeError(value: unknown): value is RecordTooLargeError {
  return hasErrorCode(value, 'RECORD_TOO_LARGE')
}

// A second copy of this package leaves the first one's classes in place.
for (const Class of [RingCorruptedError, RecordTooLargeError] satisfies ErrorClass[]) {
  registerException<Error>(Class, { name: `mpservice.${Class.prototype.name}`, ifTaken: 'keep' })
}
