import { hasErrorCode, MpserviceError } from '@mpservice/contract'

/** A value holds something that cannot be carried; nothing of it was encoded. */
export class EncodeError extends MpserviceError {
  static {
    this.prototype.name = 'EncodeError'
  }

  readonly code = 'ENCODE'
  /** Where it is inside the value, such as `$.items[3].fn`; `$` is the value itself. */
  readonly path: string
  /**
   * What it is: `function`, `symbol`, the name of a class (`Promise`, `URL`), or what is wrong with
   * it: `depth`, `cycle`, `elements`, `unreadable` (a getter or proxy trap threw; see `cause`).
   */
  readonly kind: string

  constructor(
    message: string,
    facts: { readonly path: string; readonly kind: string },
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.path = facts.path
    this.kind = facts.kind
  }
}

/** Whether a value is an `EncodeError`, from whichever copy of the package. */
export function isEncodeError(value: unknown): value is EncodeError {
  return hasErrorCode(value, 'ENCODE')
}

/** Bytes are not one whole value, or not one that this codec accepts. */
export class DecodeError extends MpserviceError {
  static {
    this.prototype.name = 'DecodeError'
  }

  readonly code = 'DECODE'
  /** How many bytes of the value were read before it was refused. */
  readonly offset: number

  constructor(reason: string, facts: { readonly offset: number }, options?: ErrorOptions) {
    super(`bytes cannot be decoded: ${reason} at offset ${facts.offset}`, options)
    this.offset = facts.offset
  }
}

/** Whether a value is a `DecodeError`, from whichever copy of the package. */
export function isDecodeError(value: unknown): value is DecodeError {
  return hasErrorCode(value, 'DECODE')
}

/** A frame is larger than is allowed; it was neither sent nor received. */
export class FrameTooLargeError extends MpserviceError {
  static {
    this.prototype.name = 'FrameTooLargeError'
  }

  readonly code = 'FRAME_TOO_LARGE'
  /** The size of the frame's payload; while it is being encoded, the part that is known so far. */
  readonly bytes: number
  /** The largest payload that is allowed. */
  readonly maxFrameBytes: number

  constructor(
    facts: { readonly bytes: number; readonly maxFrameBytes: number },
    options?: ErrorOptions,
  ) {
    super(
      `a frame of ${facts.bytes} bytes or more is over the limit of ${facts.maxFrameBytes} bytes`,
      options,
    )
    this.bytes = facts.bytes
    this.maxFrameBytes = facts.maxFrameBytes
  }
}

/** Whether a value is a `FrameTooLargeError`, from whichever copy of the package. */
export function isFrameTooLargeError(value: unknown): value is FrameTooLargeError {
  return hasErrorCode(value, 'FRAME_TOO_LARGE')
}

/** The other side sent a well-formed message that is against the rules of the conversation. */
export class ProtocolError extends MpserviceError {
  static {
    this.prototype.name = 'ProtocolError'
  }

  readonly code = 'PROTOCOL'
}

/** Whether a value is a `ProtocolError`, from whichever copy of the package. */
export function isProtocolError(value: unknown): value is ProtocolError {
  return hasErrorCode(value, 'PROTOCOL')
}

/** An extension cannot be registered: its type or its class belongs to another one. */
export class ExtensionTakenError extends MpserviceError {
  static {
    this.prototype.name = 'ExtensionTakenError'
  }

  readonly code = 'EXTENSION_TAKEN'
  /** The type that was asked for. */
  readonly type: number

  constructor(
    facts: {
      readonly type: number
      readonly className: string
      readonly by: { readonly type: number; readonly className: string }
    },
    options?: ErrorOptions,
  ) {
    const { type, className, by } = facts
    super(
      `extension ${type} for class ${className} is taken: extension ${by.type} is registered for class ${by.className}`,
      options,
    )
    this.type = type
  }
}

/** Whether a value is an `ExtensionTakenError`, from whichever copy of the package. */
export function isExtensionTakenError(value: unknown): value is ExtensionTakenError {
  return hasErrorCode(value, 'EXTENSION_TAKEN')
}
