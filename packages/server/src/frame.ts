import { ProtocolError } from '@mpservice/wire'

/**
 * The frames between a server and a worker: a header of 24 bytes, little-endian, and a payload.
 *
 * | offset | type | meaning |
 * | --- | --- | --- |
 * | 0 | u8 | kind of the frame (`frameKind`) |
 * | 1 | u8 | flags; none yet |
 * | 2 | u16 | attempt, from 1 |
 * | 4 | u32 | epoch of the worker: which incarnation the frame belongs to |
 * | 8 | f64 | id of the item; ids are never used again |
 * | 16 | f64 | task: deadline on the system's monotonic clock in ms, Infinity for none; result: ms that the item took |
 *
 * Kinds 2 (cancel), 3 (recall), 18 (started) and 20 (log) are reserved.
 */
export const frameKind = {
  /** To the worker: work on this payload. */
  task: 1,
  /** To the worker: finish, clean up, exit. */
  stop: 4,
  /** From the worker: `init` is done. */
  ready: 16,
  /** From the worker: the payload is the exception that kept it from starting. */
  startFailed: 17,
  /** From the worker: the payload is the outcome of a task. */
  result: 19,
} as const

/** The size of a frame's header, in bytes. */
export const headerBytes = 24

/** What the header of a frame says. */
export interface FrameHeader {
  readonly kind: number
  readonly attempt: number
  readonly epoch: number
  readonly id: number
  /** Deadline or time taken, in ms; see the table above. */
  readonly timeMs: number
}

/** Writes a header into the 24 bytes of a buffer from an offset on. */
export function writeHeader(buffer: Uint8Array, offset: number, header: FrameHeader): void {
  const view = new DataView(buffer.buffer, buffer.byteOffset + offset, headerBytes)
  view.setUint8(0, header.kind)
  view.setUint8(1, 0)
  view.setUint16(2, header.attempt, true)
  view.setUint32(4, header.epoch, true)
  view.setFloat64(8, header.id, true)
  view.setFloat64(16, header.timeMs, true)
}

/** A header as bytes of its own. */
export function encodeHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  writeHeader(bytes, 0, header)
  return bytes
}

/** A header that says nothing but its kind and epoch. */
export function plainHeader(kind: number, epoch: number): Uint8Array {
  return encodeHeader({ kind, epoch, attempt: 0, id: 0, timeMs: 0 })
}

/** @throws {ProtocolError} When the frame is shorter than a header. */
export function readHeader(frame: Uint8Array): FrameHeader {
  if (frame.length < headerBytes) {
    throw new ProtocolError(`a frame of ${frame.length} bytes is shorter than a header`)
  }
  const view = new DataView(frame.buffer, frame.byteOffset, headerBytes)
  return {
    kind: view.getUint8(0),
    attempt: view.getUint16(2, true),
    epoch: view.getUint32(4, true),
    id: view.getFloat64(8, true),
    timeMs: view.getFloat64(16, true),
  }
}
