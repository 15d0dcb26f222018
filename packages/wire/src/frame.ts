import { FrameTooLargeError } from './errors.ts'
import { type Peer, resolveMaxFrameBytes } from './limits.ts'

/** The bytes before each payload: its length, little-endian. */
export const frameHeaderBytes = 4

/** How large frames may be; every field is optional. */
export interface FrameOptions {
  /**
   * Who is at the other end, which decides the default of `maxFrameBytes`.
   *
   * @default 'remote'
   */
  readonly peer?: Peer | undefined
  /**
   * The bytes of one payload.
   *
   * @default 16 MiB for a remote peer, 1 GiB for a child
   */
  readonly maxFrameBytes?: number | undefined
}

/**
 * Gives one frame: the length of the payload and the payload, whose parts are put together.
 *
 * Without a copy: `codec.encodeAfter(frameHeaderBytes, value)` and then `writeFrameHeader`.
 *
 * @throws {FrameTooLargeError} When the payload has more than `maxFrameBytes`.
 */
export function encodeFrame(
  payload: Uint8Array | readonly Uint8Array[],
  options: FrameOptions = {},
): Buffer {
  const parts = payload instanceof Uint8Array ? [payload] : payload
  let bytes = 0
  for (const part of parts) bytes += part.length
  assertPayloadFits(bytes, maxPayloadBytes(options))
  const frame = Buffer.allocUnsafe(frameHeaderBytes + bytes)
  let position = writeFrameHeader(frame)
  for (const part of parts) {
    frame.set(part, position)
    position += part.length
  }
  return frame
}

/**
 * Fills in the first four bytes of a buffer that is one whole frame, and gives where its payload
 * begins.
 */
export function writeFrameHeader(frame: Uint8Array): number {
  const bytes = frame.length - frameHeaderBytes
  frame[0] = bytes
  frame[1] = bytes >>> 8
  frame[2] = bytes >>> 16
  frame[3] = bytes >>> 24
  return frameHeaderBytes
}

/** The largest payload that these options allow. */
export function maxPayloadBytes(options: FrameOptions): number {
  const { peer = 'remote', maxFrameBytes } = options
  return resolveMaxFrameBytes({ peer, maxFrameBytes })
}

/** Throws when a payload is too large. */
export function assertPayloadFits(bytes: number, maxFrameBytes: number): void {
  if (bytes > maxFrameBytes) throw new FrameTooLargeError({ bytes, maxFrameBytes })
}
