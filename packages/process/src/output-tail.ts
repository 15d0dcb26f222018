import type { Readable } from 'node:stream'

/** How much of a child's stderr is kept for the error that tells of its end, in bytes. */
const maxTailBytes = 64 * 1024

/** Keeps the last 64 KiB of what a stream gave. */
export class OutputTail {
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(source: Readable) {
    source.on('data', (chunk: Buffer) => this.#keep(chunk))
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-maxTailBytes).toString()
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      if (this.#bytes - first.length < maxTailBytes) return
      this.#bytes -= first.length
      this.#chunks.shift()
    }
  }
}
