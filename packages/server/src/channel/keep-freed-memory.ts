/** A little less than the largest that glibc learns from. */
const lessonBytes = 31 * 2 ** 20

let isDone = false

/**
 * Lets the allocator of this process keep freed memory of large payloads for the next ones.
 *
 * glibc gives freed memory back to the system at once, and to get it again costs more than to fill it,
 * until the program has freed a larger piece: then it expects pieces of that size to come again, and
 * keeps up to twice as much (mallopt(3), M_MMAP_THRESHOLD: the dynamic threshold). This frees one that
 * is never written to, so that it takes no memory. Elsewhere it has no effect.
 */
export function keepFreedMemory(): void {
  if (isDone) return
  isDone = true
  const { port1, port2 } = new MessageChannel()
  // What is sent to nobody is freed at once, and not when the garbage collector comes by.
  const { buffer } = Buffer.allocUnsafeSlow(lessonBytes)
  port2.close()
  port1.postMessage(buffer, [buffer])
  port1.close()
}
