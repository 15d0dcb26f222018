/**
 * The frames between a server and a worker, the same on rings and on pipes: a header of 32 bytes,
 * little-endian, and a payload. PROTOCOL.md of `@mpservice/wire` has the whole of it.
 *
 * | offset | type | meaning |
 * | --- | --- | --- |
 * | 0 | u8 | kind of the frame (`frameKind`) |
 * | 1 | u8 | bit 0: the payload is elsewhere, and here is where (`largePayload`); bit 1: more tasks of the same batch follow (`moreOfBatch`); bit 2: result, on pipes: none, since nobody waited any more (`skippedItem`); bit 3: ready: the class has fixed the size of its batches (`fixedBatches`) |
 * | 2 | u16 | attempt, from 1 |
 * | 4 | u32 | epoch of the worker: which incarnation the frame belongs to |
 * | 8 | f64 | id of the item; ids are never used again |
 * | 16 | f64 | task: deadline on the system's monotonic clock in ms, Infinity for none; result: ms that the item took |
 * | 24 | u32 | task in shared memory: who has it (`claim`); else 0 |
 * | 28 | i8 | task: its priority, 0 as usual, a higher one is sooner; log: its level |
 * | 29 | | 3 bytes, 0 |
 *
 * Kinds 3 (recall, on pipes), 18 (started, on pipes), 20 (log) and 21 (returned, on pipes)
 * are reserved.
 */
export const frameKind = {
  /** To the worker: work on this payload. */
  task: 1,
  /** To the worker, on pipes: nobody waits for this item any more. */
  cancel: 2,
  /** To the worker: finish, clean up, exit. */
  stop: 4,
  /** From the worker: `init` is done. */
  ready: 16,
  /** From the worker: the payload is the exception that kept it from starting. */
  startFailed: 17,
  /** From the worker: the payload is the outcome of a task. */
  result: 19,
  /** In both directions: the payload is the handle of a block for large payloads, as JSON. */
  block: 22,
} as const

/** The size of a frame's header, in bytes. */
export const headerBytes = 32

/** The flag of a frame whose payload says where the payload is. */
export const largePayload = 1

/** The flag of a task that is not the last one of its batch. */
export const moreOfBatch = 2

/** The flag of a result, on pipes, that is none: nobody waited any more when the worker was to begin. */
export const skippedItem = 4

/** The flag of a worker that is ready and whose class has fixed the size of its batches. */
export const fixedBatches = 8

/** Where in a header the claim is, in bytes. */
export const claimOffset = 24

/** Where in a header the priority is, in bytes. */
const priorityOffset = 28

/**
 * Who has a task whose frame is in shared memory. The worker begins it, or the server withdraws it:
 * whoever is the first to change the word from `waiting`.
 */
export const claim = { waiting: 0, begun: 1, withdrawn: 2 } as const

/** What the header of a frame says. */
export interface FrameHeader {
  readonly kind: number
  readonly flags: number
  readonly attempt: number
  readonly epoch: number
  readonly id: number
  /** Deadline or time taken, in ms; see the table above. */
  readonly timeMs: number
  /** Of a task, from -128 to 127; else 0. */
  readonly priority: number
}

/** A header that is filled in again and again; who gets it keeps no reference to it. */
export type ScratchHeader = { -readonly [Name in keyof FrameHeader]: FrameHeader[Name] }

/** Writes a header into the 32 bytes of memory from an offset on. */
export function writeHeader(view: DataView, offset: number, header: FrameHeader): void {
  view.setUint8(offset, header.kind)
  view.setUint8(offset + 1, header.flags)
  view.setUint16(offset + 2, header.attempt, true)
  view.setUint32(offset + 4, header.epoch, true)
  view.setFloat64(offset + 8, header.id, true)
  view.setFloat64(offset + 16, header.timeMs, true)
  view.setFloat64(offset + claimOffset, 0, true)
  view.setInt8(offset + priorityOffset, header.priority)
}

/** A header as bytes of its own. */
export function encodeHeader(header: FrameHeader): Buffer {
  const bytes = new ArrayBuffer(headerBytes)
  writeHeader(new DataView(bytes), 0, header)
  return Buffer.from(bytes)
}

/** A header that says nothing but its kind and epoch. */
export function plainHeader(kind: number, epoch: number): FrameHeader {
  return { kind, flags: 0, attempt: 0, epoch, id: 0, timeMs: 0, priority: 0 }
}
