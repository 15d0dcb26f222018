import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { BlockMemory } from './block-store.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { BlockExchange } from './ring-channel.ts'

/** Blocks between threads: memory that both have, which a message has brought. */
export class PortBlocks implements BlockExchange {
  readonly #port: MessagePort
  readonly #arrived = new Map<number, BlockMemory>()

  constructor(port: MessagePort) {
    this.#port = port
  }

  create(sizeBytes: number): BlockMemory {
    return sharedBlock(new SharedArrayBuffer(sizeBytes))
  }

  /** A message that was sent arrives, even if the sender ends. */
  announce(number: number, { bytes }: BlockMemory): boolean {
    this.#port.postMessage({ number, memory: bytes.buffer })
    return true
  }

  forget(number: number, writer: FrameWriter): boolean {
    return writer.tryWriteBlock(number, '')
  }

  /** Takes a message of the port, which may be about a block. */
  take(message: unknown): void {
    if (typeof message !== 'object' || message === null) return
    const number: unknown = Reflect.get(message, 'number')
    const memory: unknown = Reflect.get(message, 'memory')
    if (typeof number === 'number' && memory instanceof SharedArrayBuffer) {
      this.#arrived.set(number, sharedBlock(memory))
    }
  }

  /** Takes all messages that are there; for whoever is awake, so that no doorbell is missed. */
  takeAll(): void {
    for (let received = receiveMessageOnPort(this.#port); received !== undefined;) {
      this.take(received.message)
      received = receiveMessageOnPort(this.#port)
    }
  }

  find(number: number): BlockMemory | undefined {
    this.takeAll()
    const found = this.#arrived.get(number)
    this.#arrived.delete(number)
    return found
  }
}

function sharedBlock(memory: SharedArrayBuffer): BlockMemory {
  return { bytes: new Uint8Array(memory), close: () => undefined }
}
