import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/** The longest part of a line that is held back until its end arrives, in bytes. */
const maxHeldBytes = 64 * 1024
const newline = 0x0a

/**
 * Writes what a child prints to one of the parent's own streams, whole lines at a time, so that
 * lines of several children never mix.
 *
 * When the destination is slow the source is paused, so that memory stays bounded.
 */
export function relayLines(source: Readable, destination: Writable): void {
  let held: Buffer[] = []
  let heldBytes = 0

  function pass(chunk: Buffer): void {
    const end = chunk.lastIndexOf(newline) + 1
    if (end > 0 || heldBytes + chunk.length > maxHeldBytes) {
      const cut = end > 0 ? end : chunk.length
      write(Buffer.concat([...held, chunk.subarray(0, cut)]))
      held = []
      heldBytes = 0
      chunk = chunk.subarray(cut)
    }
    if (chunk.length > 0) {
      held.push(chunk)
      heldBytes += chunk.length
    }
  }

  function write(bytes: Buffer): void {
    if (!destination.writable || destination.write(bytes)) return
    source.pause()
    void drained(destination).then(() => source.resume())
  }

  source.on('data', pass)
  // A pipe that a grandchild holds open never ends; it is closed when the child has ended.
  source.once('close', () => {
    if (heldBytes > 0) write(Buffer.concat([...held, Buffer.of(newline)]))
  })
}

const draining = new WeakMap<Writable, Promise<void>>()

/** One shared wait for each destination: a listener for each child would be a leak to Node. */
function drained(destination: Writable): Promise<void> {
  const waiting = draining.get(destination)
  if (waiting !== undefined) return waiting
  const ready = once(destination, 'drain').then(
    () => undefined,
    () => undefined,
  )
  draining.set(destination, ready)
  void ready.then(() => draining.delete(destination))
  return ready
}
