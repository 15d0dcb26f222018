import { encodeHeader, type FrameHeader } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'

/** A frame between a server and a worker that are in the same thread. */
export class InlineFrame {
  readonly bytes: Buffer
  /** Who has the task of the frame. */
  state: 'waiting' | 'begun' | 'withdrawn' = 'waiting'

  /** @throws {EncodeError} When the payload cannot be carried. */
  constructor(header: FrameHeader, payload: Payload | undefined) {
    const head = encodeHeader(header)
    this.bytes = payload === undefined ? head : Buffer.concat([head, payload.bytes()])
  }
}
