import { encodeException } from '@mpservice/remote-exception'
import { FrameTooLargeError } from '@mpservice/wire'
import { copyInto } from './copy-into.ts'
import { encodeLocal, encodeLocalInto, maxPayloadBytes, payloadKind } from './payload-bytes.ts'

/**
 * What travels through a server: a value, an exception, or the members' results of an ensemble.
 *
 * It is held as a value of this process, as bytes, or both; what only passes through the server is
 * never decoded. One that comes from a worker is valid only until the function returns that it was
 * given to: `keep` gives one that stays.
 */
export interface Payload {
  /** Whether this is a failure, which skips every later stage. */
  readonly isException: boolean
  /**
   * The value; an exception's is the thrown error.
   *
   * @throws {DecodeError} When the bytes are broken.
   */
  value(): unknown
  /**
   * Its bytes (see `payload-bytes.ts`), which stay as they are now, whatever becomes of the value.
   *
   * @throws {EncodeError} When the value cannot be carried.
   */
  bytes(): Buffer
  /**
   * Writes its bytes into a buffer from `offset` on; gives the offset after the last one, or -1 when
   * there is too little room.
   *
   * @throws {EncodeError} When the value cannot be carried.
   */
  writeInto(target: Buffer, offset: number): number
  /** About how many bytes it has, found without looking far into it. */
  roughBytes(): number
  /** The same payload, valid for as long as it is wanted. */
  keep(): Payload
  /**
   * The same payload, valid for as long as it is wanted, with the value that it has now.
   *
   * @throws {EncodeError} When the value cannot be carried.
   */
  freeze(): Payload
}

/** A payload that holds a value of this process. */
export function valuePayload(value: unknown): Payload {
  return new LocalPayload(value, false)
}

/**
 * A payload that holds what was thrown in this process.
 *
 * @param origin - What it says about where it comes from, when it goes elsewhere.
 */
export function exceptionPayload(thrown: unknown, origin?: string): Payload {
  return new LocalPayload(thrown, true, origin)
}

/** A payload that holds the payloads of the members of an ensemble, which were kept. */
export function tuplePayload(members: readonly Payload[]): Payload {
  return new TuplePayload(members)
}

class LocalPayload implements Payload {
  readonly isException: boolean
  readonly #value: unknown
  readonly #origin: string | undefined
  #bytes: Buffer | undefined

  constructor(value: unknown, isException: boolean, origin?: string) {
    this.#value = value
    this.isException = isException
    this.#origin = origin
  }

  bytes(): Buffer {
    this.#bytes ??= encodeLocal(this.#encodable(), this.isException)
    return this.#bytes
  }

  writeInto(target: Buffer, offset: number): number {
    return this.#bytes === undefined
      ? encodeLocalInto(target, offset, this.#encodable(), this.isException)
      : copyInto(target, offset, this.#bytes, 0, this.#bytes.length)
  }

  value(): unknown {
    return this.#value
  }

  roughBytes(): number {
    return this.#bytes?.length ?? roughSize(this.#value)
  }

  keep(): Payload {
    return this
  }

  freeze(): Payload {
    if (this.isException || !isImmutable(this.#value)) this.bytes()
    return this
  }

  #encodable(): unknown {
    return this.isException ? encodeException(this.#value, { origin: this.#origin }) : this.#value
  }
}

class TuplePayload implements Payload {
  readonly isException = false
  readonly #members: readonly Payload[]
  #bytes: Buffer | undefined

  constructor(members: readonly Payload[]) {
    this.#members = members
  }

  bytes(): Buffer {
    this.#bytes ??= joinMembers(this.#members)
    return this.#bytes
  }

  writeInto(target: Buffer, offset: number): number {
    const bytes = this.bytes()
    return copyInto(target, offset, bytes, 0, bytes.length)
  }

  value(): unknown {
    return this.#members.map((member) => member.value())
  }

  roughBytes(): number {
    return this.#members.reduce((total, member) => total + member.roughBytes(), 0)
  }

  keep(): Payload {
    return this
  }

  freeze(): Payload {
    this.bytes()
    return this
  }
}

function joinMembers(payloads: readonly Payload[]): Buffer {
  const members = payloads.map((payload) => payload.bytes())
  const size = members.reduce((total, member) => total + 4 + member.length, 5)
  if (size > maxPayloadBytes) {
    throw new FrameTooLargeError({ bytes: size, maxFrameBytes: maxPayloadBytes })
  }
  const joined = Buffer.allocUnsafe(size)
  joined[0] = payloadKind.tuple
  joined.writeUInt32LE(members.length, 1)
  let offset = 5
  for (const member of members) {
    joined.writeUInt32LE(member.length, offset)
    joined.set(member, offset + 4)
    offset += 4 + member.length
  }
  return joined
}

function isImmutable(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function')
}

/** How many members of an object are looked at for their size. */
const membersLookedAt = 8

/** What cannot even be looked at has no size: encoding it tells why, and where. */
export function roughSize(value: unknown): number {
  try {
    return sizeOfFirstMembers(value)
  } catch {
    return 0
  }
}

/** The size of what is large by itself: memory and texts, in the first members of a value at most. */
function sizeOfFirstMembers(value: unknown): number {
  const size = ownSize(value)
  if (size > 0 || typeof value !== 'object' || value === null) return size
  let total = 0
  let members = 0
  for (const name in value) {
    if (++members > membersLookedAt) break
    const member = Object.getOwnPropertyDescriptor(value, name)
    total += ownSize(member?.value)
  }
  return total
}

function ownSize(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength
  return 0
}
