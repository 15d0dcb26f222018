import type { ChildChannel } from '@mpservice/process'
import { encodeException, isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import { frameHeaderBytes, writeFrameHeader } from '@mpservice/wire'
import { frameKind, headerBytes, writeHeader } from './frame.ts'
import { encodeExceptionAfter, encodeValueAfter } from './payload.ts'

/** Where the payload begins in a frame that is encoded in one go. */
const payloadOffset = frameHeaderBytes + headerBytes

/**
 * Writes the outcomes of a worker's items to its server.
 *
 * Each is with the kernel before the next item begins. So no outcome is lost when the worker dies,
 * and the server knows that only the first item without an outcome can have been begun.
 */
export class OutcomeWriter {
  readonly #channel: ChildChannel
  readonly #epoch: number
  readonly #origin: string

  constructor(channel: ChildChannel, epoch: number, origin: string) {
    this.#channel = channel
    this.#epoch = epoch
    this.#origin = origin
  }

  /** Writes the result of an item; a value that cannot be carried becomes the item's error. */
  result(id: number, value: unknown, tookMs: number): void {
    if (isRemoteExceptionWrapper(value)) {
      this.exception(id, value.error, tookMs)
      return
    }
    let frame: Uint8Array
    try {
      frame = encodeValueAfter(payloadOffset, value)
    } catch (error) {
      this.exception(id, error, tookMs)
      return
    }
    this.#write(id, frame, tookMs)
  }

  /** Writes what an item threw. */
  exception(id: number, thrown: unknown, tookMs: number): void {
    const data = encodeException(thrown, { origin: this.#origin })
    this.#write(id, encodeExceptionAfter(payloadOffset, data), tookMs)
  }

  #write(id: number, frame: Uint8Array, tookMs: number): void {
    const epoch = this.#epoch
    const header = { kind: frameKind.result, epoch, id, timeMs: tookMs, attempt: 0 }
    writeHeader(frame, frameHeaderBytes, header)
    writeFrameHeader(frame)
    this.#channel.sendFrames(frame)
  }
}
