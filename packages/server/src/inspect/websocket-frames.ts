import { randomBytes } from 'node:crypto'

/** What a WebSocket frame is (RFC 6455, 5.2). */
export const opcode = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const

/** A frame that has arrived. */
export interface WebSocketFrame {
  readonly opcode: number
  readonly isLast: boolean
  readonly payload: Buffer
}

/** The bytes of a frame from a client, which has to mask it. */
export function encodeWebSocketFrame(kind: number, payload: Buffer): Buffer {
  const { length } = payload
  const mask = randomBytes(4)
  const masked = Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)))
  if (length < 126) return Buffer.concat([Buffer.of(0x80 | kind, 0x80 | length), mask, masked])
  const size = Buffer.alloc(10)
  size[0] = 0x80 | kind
  size[1] = 0x80 | 127
  size.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([size, mask, masked])
}

/** Takes frames from a server apart, however their bytes arrive. */
export class WebSocketFrames {
  #chunks: Buffer[] = []
  #bytes = 0
  /** How many bytes are needed before it makes sense to look again. */
  #needed = 2

  push(chunk: Buffer): WebSocketFrame[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return []
    let rest = Buffer.concat(this.#chunks)
    const frames: WebSocketFrame[] = []
    for (;;) {
      const { header, end } = frameSize(rest)
      this.#needed = end
      if (rest.length < end) break
      const first = rest[0] ?? 0
      frames.push({
        opcode: first & 15,
        isLast: first >= 0x80,
        payload: rest.subarray(header, end),
      })
      rest = rest.subarray(end)
    }
    this.#chunks = [rest]
    this.#bytes = rest.length
    return frames
  }
}

/** How long the header and the whole frame are, or at least are, as far as the bytes tell. */
function frameSize(bytes: Buffer): { readonly header: number; readonly end: number } {
  if (bytes.length < 2) return { header: 2, end: 2 }
  const short = (bytes[1] ?? 0) & 127
  if (short < 126) return { header: 2, end: 2 + short }
  const header = short === 126 ? 4 : 10
  if (bytes.length < header) return { header, end: header }
  const length = short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  return { header, end: header + length }
}
