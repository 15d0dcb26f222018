import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/** The longest part of a line that is held back until its end arrives, in bytes. */
const maxHeldBytes = 64 * 1024
const newline = 0x0a

/** Looks at a line, without its end; gives whether to take it, so that it is not relayed. */
export type TakeLine = (line: string) => boolean

/** A relay of lines that is under way. */
export interface LineRelay {
  /** Offers each line that is still to come to `take`, which replaces the one before. */
  offerTo(take: TakeLine | undefined): void
}

/**
 * Writes what a child prints to one of the parent's own streams, whole lines at a time, so that
 * lines of several children never mix.
 *
 * When the destination is slow the source is paused, so that memory stays bounded.
 */
export function relayLines(source: Readable, destination: Writable): LineRelay {
  let take: TakeLine | undefined
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

  function write(lines: Buffer): void {
    const bytes = take === undefined ? lines : linesNotTaken(lines, take)
    if (bytes.length === 0) return
    if (!destination.writable || destination.write(bytes)) return
    source.pause()
    void drained(destination).then(() => source.resume())
  }

  source.on('data', pass)
  // A pipe that a grandchild holds open never ends; it is closed when the child has ended.
  source.once('close', () => {
    if (heldBytes > 0) write(Buffer.concat([...held, Buffer.of(newline)]))
  })
  return {
    offerTo: (next) => {
      take = next
    },
  }
}

function linesNotTaken(lines: Buffer, take: TakeLine): Buffer {
  const kept: Buffer[] = []
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(newline, start) + 1 || lines.length
    const line = lines.subarray(start, end)
    if (!take(line.toString().trimEnd())) kept.push(line)
    start = end
  }
  return Buffer.concat(kept)
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
