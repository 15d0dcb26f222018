import { readSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { encodeFrame, FrameDecoder, ProtocolError } from '@mpservice/wire'
import { inputDescriptor, outputDescriptor } from './boot-message.ts'

/** The largest frame between a process and its own child, in bytes: 1 GiB. */
export const maxChildFrameBytes: number = 2 ** 30

/**
 * A child's end of the channel to its parent: whole frames, in order, in both directions.
 *
 * `send` returns when the kernel has the bytes, so that nothing sent is lost when the process exits,
 * crashes or is killed right after. It waits while the parent does not read. The two directions are
 * descriptors of their own, because reading in the event loop makes a descriptor non-blocking for
 * writers, too.
 */
export class ChildChannel {
  /** The descriptor on which frames arrive: it can be waited for, but only the channel reads it. */
  readonly descriptor: number = inputDescriptor
  #socket: Socket | undefined
  #receiveBytes: ((bytes: Buffer) => void) | undefined

  /** Waits for the next frame, blocking the thread. Only before `receive`. */
  receiveSync(): Uint8Array {
    const header = readExactly(4)
    return readExactly(header.readUInt32LE(0))
  }

  /**
   * Hands every further frame to `onFrames`, several at once when several have arrived, and calls
   * `onEnd` when the parent has closed its end.
   *
   * The frames are the receiver's to keep; the open channel keeps the event loop alive.
   */
  receive(onFrames: (frames: readonly Uint8Array[]) => void, onEnd: () => void): void {
    const decoder = new FrameDecoder({ maxFrameBytes: maxChildFrameBytes })
    const socket = new Socket({ fd: inputDescriptor, readable: true, writable: false })
    this.#socket = socket
    this.#receiveBytes = (bytes) => {
      const frames = decoder.push(bytes)
      if (frames.length > 0) onFrames(frames)
    }
    socket.on('data', this.#receiveBytes)
    socket.on('error', onEnd)
    socket.on('end', onEnd)
  }

  /**
   * Takes what has arrived without waiting for the event loop; frames are handed to `onFrames` as
   * always. Only after `receive`, when the descriptor is known to be readable.
   */
  receiveNow(): void {
    const bytes = Buffer.allocUnsafe(4096)
    // Nothing at all means that the parent is gone, which the event loop will tell.
    const count = readSync(inputDescriptor, bytes, 0, bytes.length, null)
    if (count > 0) this.#receiveBytes?.(bytes.subarray(0, count))
  }

  /** Wakes the parent at once with an empty frame, for those who share memory with it. */
  ring(): void {
    writeFully(emptyFrame)
  }

  /** Writes one frame whose payload is the given parts, and returns when the kernel has it all. */
  send(...parts: readonly Uint8Array[]): void {
    writeFully(encodeFrame(parts, { maxFrameBytes: maxChildFrameBytes }))
  }

  /** Writes bytes that are whole frames already, and returns when the kernel has them all. */
  sendFrames(bytes: Uint8Array): void {
    writeFully(bytes)
  }

  /** Stops receiving; an open channel no longer keeps the event loop alive. */
  close(): void {
    this.#socket?.destroy()
  }
}

const emptyFrame = encodeFrame([])

function readExactly(bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  for (let filled = 0; filled < bytes;) {
    const count = readSync(inputDescriptor, buffer, filled, bytes - filled, null)
    if (count === 0)
      throw new ProtocolError('the parent closed the channel in the middle of a frame')
    filled += count
  }
  return buffer
}

function writeFully(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(outputDescriptor, bytes, written)
  }
}
