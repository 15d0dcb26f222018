/** Up to here, a loop is faster than a call of native code. */
const quickLoopBytes = 48

/**
 * Copies the bytes from `start` to `end` to a place in another buffer; gives the offset after the last
 * one, or -1 when there is too little room.
 */
export function copyInto(
  target: Buffer,
  offset: number,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const length = end - start
  if (offset + length > target.length) return -1
  if (length > quickLoopBytes) bytes.copy(target, offset, start, end)
  else for (let index = 0; index < length; index++) target[offset + index] = bytes[start + index]!
  return offset + length
}
