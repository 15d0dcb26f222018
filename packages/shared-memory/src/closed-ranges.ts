import type { SystemCalls } from './system-calls.ts'

/** A range of addresses that was mapped and now holds zeros, and the buffer on it. */
interface ClosedRange {
  readonly address: bigint
  readonly bytes: number
  readonly buffer: ArrayBuffer
}

/*
 * An access to an unmapped address ends the process, so a range may be unmapped only when no buffer
 * on it can exist. That its buffer was collected does not prove it: streams of bytes and
 * `ArrayBuffer.prototype.transfer` move the memory into another buffer, even from old views of a
 * closed block. So the buffer is kept here until we detach it ourselves: then old views are empty,
 * nobody can move it any more, and with it is collected whatever system call still works on it.
 */
const keptRanges = 64
const keptBytes = 256 * 2 ** 20

/**
 * Takes a range, filled with zeros, whose addresses are to be used again some time. The last ranges
 * are kept, at most 64 or 256 MiB: old views of them read zeros, and afterwards they are empty.
 */
export function retireRange(calls: SystemCalls, range: ClosedRange): void {
  ranges.push(range)
  let bytes = ranges.reduce((sum, kept) => sum + kept.bytes, 0)
  while (ranges.length > keptRanges || (ranges.length > 1 && bytes > keptBytes)) {
    const oldest = ranges.shift()
    if (oldest === undefined) return
    bytes -= oldest.bytes
    unmapWhenUnused(calls, oldest)
  }
}

// What is registered must not know the buffer, which would be in use for ever.
function unmapWhenUnused(calls: SystemCalls, { buffer, address, bytes }: ClosedRange): void {
  // A buffer that somebody has moved leaves its addresses unused for ever.
  if (detach(buffer)) unmapLater.register(buffer, () => calls.unmap(address, bytes))
}

const ranges: ClosedRange[] = []
const unmapLater = new FinalizationRegistry<() => void>((unmap) => unmap())

/** Makes a buffer and all its views empty; gives whether it was not so before. */
function detach(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength === 0) return false
  // Node 20 has no `transfer`, and copies this buffer when it is to be transferred in a message.
  const stream = new ReadableStream({
    type: 'bytes',
    start: (controller) => controller.enqueue(new Uint8Array(buffer)),
  })
  void stream
  return buffer.byteLength === 0
}
