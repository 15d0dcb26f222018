import type { ExportLocation } from '@mpservice/contract'
import { decodeException, encodeException } from '@mpservice/remote-exception'
import { type Codec, createCodec, ProtocolError } from '@mpservice/wire'

/**
 * What passes between `Process` and the program `target-main`: down, where the function is and then
 * its arguments; up, one frame with how it ended.
 */
export type TargetOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }

const returnedKind = 1
const threwKind = 2

export function encodeLocation(location: ExportLocation): Uint8Array {
  return Buffer.from(JSON.stringify(location))
}

/** @throws {TypeError} When the bytes are not a location. */
export function decodeLocation(bytes: Uint8Array): ExportLocation {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (
    typeof value === 'object' &&
    value !== null &&
    'url' in value &&
    typeof value.url === 'string' &&
    'exportName' in value &&
    typeof value.exportName === 'string'
  ) {
    return { url: value.url, exportName: value.exportName }
  }
  throw new TypeError('the frame is not the location of an export')
}

/** The parts of the frame that tells an outcome; a value that cannot be carried becomes its error. */
export function encodeOutcome(codec: Codec, outcome: TargetOutcome, origin: string): Uint8Array[] {
  if (outcome.kind === 'threw') {
    return [Buffer.of(threwKind), codec.encode(encodeException(outcome.error, { origin }))]
  }
  try {
    return [Buffer.of(returnedKind), codec.encode(outcome.value)]
  } catch (error) {
    return encodeOutcome(codec, { kind: 'threw', error }, origin)
  }
}

/**
 * @throws {ProtocolError} When the frame is of no known kind.
 * @throws {DecodeError} When the value in it cannot be decoded.
 */
export function decodeOutcome(codec: Codec, frame: Uint8Array): TargetOutcome {
  const payload = frame.subarray(1)
  switch (frame[0]) {
    case returnedKind:
      return { kind: 'returned', value: codec.decode(payload) }
    case threwKind:
      return { kind: 'threw', error: decodeException(codec.decode(payload)) }
    default:
      throw new ProtocolError(`a frame of unknown kind ${frame[0]} from a child process`)
  }
}

export function targetCodec(): Codec {
  return createCodec({ peer: 'child' })
}
