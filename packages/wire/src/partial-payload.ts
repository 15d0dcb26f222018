/**
 * A payload that arrives in pieces. Its memory grows with what has arrived, twice as large each
 * time: a header that announces much takes nothing, and each byte is copied only about twice.
 */
export class PartialPayload {
  readonly #length: number
  #buffer: Buffer
  #filledBytes = 0

  constructor(length: number) {
    this.#length = length
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(length, firstBytes))
  }

  /** How much of it has arrived. */
  get filledBytes(): number {
    return this.#filledBytes
  }

  get isComplete(): boolean {
    return this.#filledBytes === this.#length
  }

  /** All of it, once it is complete. */
  get bytes(): Buffer {
    return this.#buffer
  }

  /** Takes what belongs to it from `start` on and gives where that ends. */
  fill(chunk: Uint8Array, start: number): number {
    const filled = this.#filledBytes
    const taken = Math.min(chunk.length - start, this.#length - filled)
    this.#makeRoom(filled + taken)
    this.#buffer.set(chunk.subarray(start, start + taken), filled)
    this.#filledBytes = filled + taken
    return start + taken
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#length, bytes * 2))
    this.#buffer.copy(larger, 0, 0, this.#filledBytes)
    this.#buffer = larger
  }
}

const firstBytes = 1024 * 1024
