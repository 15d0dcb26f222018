import { maxChildFrameBytes } from '@mpservice/process'
import { decodeException } from '@mpservice/remote-exception'
import { type Codec, createCodec, DecodeError } from '@mpservice/wire'

/*
 * The bytes of a payload are one byte of kind, and then
 *
 * - value, exception: its encoding;
 * - tuple: a 32-bit count, and for each member a 32-bit length and the member, a payload itself.
 *   Members are encoded apart, because references within one do not reach into another.
 */

/** The largest payload, in bytes: with its header it must fit into a frame to or from a child. */
export const maxPayloadBytes: number = maxChildFrameBytes - 64

/** What encodes the values of servers; it has no state between calls. */
export const codec: Codec = createCodec({ peer: 'child', maxFrameBytes: maxPayloadBytes })

/** The first byte of a payload. */
export const payloadKind = { value: 0, exception: 1, tuple: 2 } as const

/**
 * The bytes of a value, or of the data of an exception, on memory of their own.
 *
 * @throws {EncodeError} When the value cannot be carried.
 */
export function encodeLocal(value: unknown, isException: boolean): Buffer {
  const bytes = codec.encodeAfter(1, value)
  bytes[0] = isException ? payloadKind.exception : payloadKind.value
  return bytes
}

/** The same into a buffer; gives the offset after the last byte, or -1 for too little room. */
export function encodeLocalInto(
  target: Buffer,
  offset: number,
  value: unknown,
  isException: boolean,
): number {
  if (offset >= target.length) return -1
  target[offset] = isException ? payloadKind.exception : payloadKind.value
  return codec.encodeInto(target, offset + 1, value)
}

/**
 * The value that bytes stand for; an exception's is the thrown error.
 *
 * @throws {DecodeError} When they are broken.
 */
export function decodePayload(bytes: Buffer, start: number, end: number): unknown {
  switch (bytes[start]) {
    case payloadKind.value:
      return codec.decode(bytes, start + 1, end)
    case payloadKind.exception:
      return decodeException(codec.decode(bytes, start + 1, end))
    case payloadKind.tuple:
      return decodeMembers(bytes, start + 1, end)
    default:
      throw new DecodeError(`a payload of unknown kind ${bytes[start]}`, { offset: 0 })
  }
}

function decodeMembers(bytes: Buffer, start: number, end: number): unknown[] {
  const members: unknown[] = []
  const count = readLength(bytes, start, end)
  let position = start + 4
  while (members.length < count) {
    const memberEnd = position + 4 + readLength(bytes, position, end)
    if (memberEnd > end) throw new DecodeError('a tuple is cut off', { offset: position - start })
    members.push(decodePayload(bytes, position + 4, memberEnd))
    position = memberEnd
  }
  return members
}

function readLength(bytes: Buffer, position: number, end: number): number {
  if (position + 4 <= end) return bytes.readUInt32LE(position)
  throw new DecodeError('a tuple is cut off', { offset: 0 })
}
