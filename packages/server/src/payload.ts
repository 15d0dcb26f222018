import { maxChildFrameBytes } from '@mpservice/process'
import { decodeException, encodeException, type ExceptionData } from '@mpservice/remote-exception'
import { type Codec, createCodec, DecodeError, FrameTooLargeError } from '@mpservice/wire'

/** The largest payload, in bytes: with its header it must fit into a frame to or from a child. */
const maxPayloadBytes = maxChildFrameBytes - 64

/** What encodes the values of servers; it has no state between calls. */
export const codec: Codec = createCodec({ peer: 'child', maxFrameBytes: maxPayloadBytes })

const valueKind = 0
const exceptionKind = 1
const tupleKind = 2

/**
 * What travels through a server: a value, an exception, or the members' results of an ensemble.
 *
 * It is held as bytes, as a value, or both; what only passes through the server is never decoded,
 * and what goes to several workers is encoded once. As bytes it is one byte of kind and then
 *
 * - value, exception: its encoding;
 * - tuple: a 32-bit count, and for each member a 32-bit length and the member, a payload itself.
 *   Members are encoded apart, because references within one do not reach into another.
 */
export interface Payload {
  /** Whether this is a failure, which skips every later stage. */
  readonly isException: boolean
  /** @throws {EncodeError} When the value cannot be carried. */
  bytes(): Uint8Array
  /**
   * The value; an exception's is the thrown error.
   *
   * @throws {DecodeError} When the bytes are broken.
   */
  value(): unknown
}

/** A payload that holds a value of this process. */
export function valuePayload(value: unknown): Payload {
  return new LocalPayload(value, false)
}

/** A payload that holds what was thrown in this process. */
export function exceptionPayload(thrown: unknown): Payload {
  return new LocalPayload(thrown, true)
}

/** A payload that holds the payloads of the members of an ensemble. */
export function tuplePayload(members: readonly Payload[]): Payload {
  return new TuplePayload(members)
}

/** A payload that came from a worker; the bytes are kept, not copied. */
export function receivedPayload(bytes: Uint8Array): Payload {
  return new ReceivedPayload(bytes)
}

class LocalPayload implements Payload {
  readonly isException: boolean
  readonly #value: unknown
  #bytes: Uint8Array | undefined

  constructor(value: unknown, isException: boolean) {
    this.#value = value
    this.isException = isException
  }

  bytes(): Uint8Array {
    this.#bytes ??= this.isException
      ? encodeExceptionAfter(0, encodeException(this.#value))
      : encodeValueAfter(0, this.#value)
    return this.#bytes
  }

  value(): unknown {
    return this.#value
  }
}

class TuplePayload implements Payload {
  readonly isException = false
  readonly #members: readonly Payload[]
  #bytes: Uint8Array | undefined

  constructor(members: readonly Payload[]) {
    this.#members = members
  }

  bytes(): Uint8Array {
    this.#bytes ??= joinMembers(this.#members.map((member) => member.bytes()))
    return this.#bytes
  }

  value(): unknown {
    return this.#members.map((member) => member.value())
  }
}

class ReceivedPayload implements Payload {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isException(): boolean {
    return this.#bytes[0] === exceptionKind
  }

  bytes(): Uint8Array {
    return this.#bytes
  }

  value(): unknown {
    return decodeBytes(this.#bytes)
  }
}

/**
 * The bytes of a value's payload, after `offset` bytes for the caller to fill.
 *
 * @throws {EncodeError} When the value cannot be carried.
 */
export function encodeValueAfter(offset: number, value: unknown): Uint8Array {
  return encodeWithKind(offset, valueKind, value)
}

/** The bytes of an exception's payload, after `offset` bytes for the caller to fill. */
export function encodeExceptionAfter(offset: number, data: ExceptionData): Uint8Array {
  return encodeWithKind(offset, exceptionKind, data)
}

function encodeWithKind(offset: number, kind: number, value: unknown): Uint8Array {
  const bytes = codec.encodeAfter(offset + 1, value)
  bytes[offset] = kind
  return bytes
}

function joinMembers(members: readonly Uint8Array[]): Uint8Array {
  const size = members.reduce((total, member) => total + 4 + member.length, 5)
  if (size > maxPayloadBytes) {
    throw new FrameTooLargeError({ bytes: size, maxFrameBytes: maxPayloadBytes })
  }
  const joined = Buffer.allocUnsafe(size)
  joined[0] = tupleKind
  joined.writeUInt32LE(members.length, 1)
  let offset = 5
  for (const member of members) {
    joined.writeUInt32LE(member.length, offset)
    joined.set(member, offset + 4)
    offset += 4 + member.length
  }
  return joined
}

function decodeBytes(bytes: Uint8Array): unknown {
  const body = bytes.subarray(1)
  switch (bytes[0]) {
    case valueKind:
      return codec.decode(body)
    case exceptionKind:
      return decodeException(codec.decode(body))
    case tupleKind:
      return splitMembers(body).map(decodeBytes)
    default:
      throw new DecodeError(`a payload of unknown kind ${bytes[0]}`, { offset: 0 })
  }
}

function splitMembers(body: Uint8Array): Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const members: Uint8Array[] = []
  let offset = 4
  for (let left = view.getUint32(0, true); left > 0; left--) {
    const length = view.getUint32(offset, true)
    members.push(body.subarray(offset + 4, offset + 4 + length))
    offset += 4 + length
  }
  return members
}
