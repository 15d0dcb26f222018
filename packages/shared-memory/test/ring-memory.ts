import { initializeRing, ringMemoryBytes } from '@mpservice/shared-memory'

/** Where in the memory of a ring the words are that its two sides share, as `ring-layout.ts` says. */
export const words = {
  magic: 0,
  capacity: 1,
  tail: 32,
  head: 64,
  readerParked: 96,
  writerParked: 128,
}
export const headerBytes = 640

/** The memory of an empty ring, and its words. */
export interface TestRing {
  readonly memory: Uint8Array
  readonly view: Int32Array
}

/** Makes an empty ring that begins at a position, which wraps at 2^32 as in a long life. */
export function makeRing(
  capacityBytes: number,
  options: { readonly isShared?: boolean; readonly position?: number } = {},
): TestRing {
  const bytes = ringMemoryBytes(capacityBytes)
  const buffer = options.isShared === true ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)
  const memory = new Uint8Array(buffer)
  const view = new Int32Array(buffer)
  initializeRing(memory)
  view[words.tail] = options.position ?? 0
  view[words.head] = options.position ?? 0
  return { memory, view }
}

/** A record of so many bytes, all of which depend on a seed. */
export function makeRecord(bytes: number, seed: number): Buffer {
  const record = Buffer.alloc(bytes)
  for (let index = 0; index < bytes; index++) record[index] = seed * 31 + index * 7
  return record
}
