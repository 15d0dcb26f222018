import { randomBytes } from 'node:crypto'
import { type ClientRequest, request } from 'node:http'
import type { Socket } from 'node:net'
import { encodeWebSocketFrame, opcode, WebSocketFrames } from './websocket-frames.ts'

/** What a connection tells its owner. */
export interface WebSocketEvents {
  onText(text: string): void
  /** The connection has ended: once, also after `close`. */
  onClose(): void
}

/** A connection that carries texts. */
export interface WebSocketConnection {
  send(text: string): void
  close(): void
}

/**
 * Connects to a WebSocket of a process on this machine, whatever host the URL names. Node 20 has no
 * client for them.
 *
 * @throws What keeps it from connecting.
 */
export async function connectWebSocket(
  url: URL,
  events: WebSocketEvents,
): Promise<WebSocketConnection> {
  const { socket, head } = await upgrade(
    request({
      host: '127.0.0.1',
      port: url.port,
      path: url.pathname,
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
    }),
  )
  const frames = new WebSocketFrames()
  let parts: Buffer[] = []
  const take = (chunk: Buffer): void => {
    for (const frame of frames.push(chunk)) {
      if (frame.opcode === opcode.close) {
        socket.destroy()
      } else if (frame.opcode === opcode.ping) {
        socket.write(encodeWebSocketFrame(opcode.pong, frame.payload))
      } else if (frame.opcode === opcode.text || frame.opcode === opcode.continuation) {
        parts.push(frame.payload)
        if (!frame.isLast) continue
        const text = Buffer.concat(parts).toString()
        parts = []
        events.onText(text)
      }
    }
  }
  socket.on('data', take)
  socket.on('error', () => undefined)
  socket.once('close', () => events.onClose())
  if (head.length > 0) take(head)
  return {
    send: (text) => void socket.write(encodeWebSocketFrame(opcode.text, Buffer.from(text))),
    close: () => socket.destroy(),
  }
}

function upgrade(connecting: ClientRequest): Promise<{ socket: Socket; head: Buffer }> {
  return new Promise((resolve, reject) => {
    connecting.once('upgrade', (_, socket, head) => resolve({ socket, head }))
    connecting.once('response', (response) => {
      connecting.destroy()
      reject(new Error(`the debugger port answered with status ${response.statusCode}`))
    })
    connecting.on('error', reject)
    connecting.end()
  })
}
