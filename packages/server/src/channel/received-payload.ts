import { copyInto } from './copy-into.ts'
import { decodePayload, payloadKind } from './payload-bytes.ts'
import type { Payload } from './payload.ts'

/** A payload whose bytes came from a worker or a server: those from `start` to `end` in a buffer. */
export class ReceivedPayload implements Payload {
  #bytes: Buffer
  #start: number
  #end: number
  readonly #isKept: boolean

  /** @param isKept - Whether the bytes stay as they are. */
  constructor(bytes: Buffer, start: number, end: number, isKept: boolean) {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#isKept = isKept
  }

  /** For whoever made it and whose bytes do not stay: moves on to other ones. */
  show(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
  }

  get isException(): boolean {
    return this.#bytes[this.#start] === payloadKind.exception
  }

  bytes(): Buffer {
    const view = this.#bytes.subarray(this.#start, this.#end)
    return this.#isKept ? view : Buffer.from(view)
  }

  writeInto(target: Buffer, offset: number): number {
    return copyInto(target, offset, this.#bytes, this.#start, this.#end)
  }

  value(): unknown {
    return decodePayload(this.#bytes, this.#start, this.#end)
  }

  roughBytes(): number {
    return this.#end - this.#start
  }

  keep(): Payload {
    if (this.#isKept) return this
    const length = this.#end - this.#start
    if (length > largestPooledBytes) return new ReceivedPayload(this.bytes(), 0, length, true)
    if (poolPosition + length > pool.length) {
      pool = Buffer.allocUnsafeSlow(poolBytes)
      poolPosition = 0
    }
    const start = poolPosition
    poolPosition = copyInto(pool, start, this.#bytes, this.#start, this.#end)
    return new ReceivedPayload(pool, start, poolPosition, true)
  }

  freeze(): Payload {
    return this.keep()
  }
}

/*
 * Small payloads are kept side by side in larger pieces of memory: a buffer of its own for each takes
 * longer than everything else about it.
 */
const poolBytes = 32 * 1024
const largestPooledBytes = 1024
let pool = Buffer.alloc(0)
let poolPosition = 0
