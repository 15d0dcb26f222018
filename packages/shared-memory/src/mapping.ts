import { getLogger } from '@logtape/logtape'
import { retireRange } from './closed-ranges.ts'
import type { SystemCalls } from './system-calls.ts'

/** What a mapping is made of. */
interface MappingFacts {
  readonly fd: number
  /** How much is mapped. */
  readonly mappedBytes: number
  /** How much of it, from its start, is in `bytes`. */
  readonly sizeBytes: number
}

/**
 * Memory behind a descriptor, mapped into this process: accesses to views of it are safe for ever,
 * whatever becomes of the mapping.
 */
export class Mapping {
  readonly #calls: SystemCalls
  readonly #facts: MappingFacts
  readonly #address: bigint
  #bytes: Uint8Array
  /** Whether the memory was moved out of our buffer, so that nobody knows who may access it. */
  #isMoved = false

  constructor(calls: SystemCalls, facts: MappingFacts) {
    this.#calls = calls
    this.#facts = facts
    this.#address = calls.map(facts.fd, facts.mappedBytes)
    try {
      this.#bytes = new Uint8Array(calls.view(this.#address, facts.sizeBytes))
    } catch (error) {
      calls.unmap(this.#address, facts.mappedBytes)
      throw error
    }
  }

  /** The memory; `bytes.buffer` is nothing but it. */
  get bytes(): Uint8Array {
    // A stream of bytes takes the memory out of the buffer of a view that it is given.
    if (this.#bytes.length === 0) {
      this.#isMoved = true
      unusedMappings.unregister(this)
      this.#bytes = new Uint8Array(this.#calls.view(this.#address, this.#facts.sizeBytes))
    }
    return this.#bytes
  }

  /** The last bytes of what is mapped, after `bytes`; only until `release`. */
  tail(tailBytes: number): Uint8Array {
    const offset = this.#facts.mappedBytes - tailBytes
    return new Uint8Array(this.#calls.view(this.#address + BigInt(offset), tailBytes))
  }

  /**
   * Sees to it that the memory is given back when no view of it is left, should `release` never be
   * called; then calls `afterwards`, which must not know this mapping.
   */
  releaseWhenUnused(name: string, afterwards: () => void): void {
    const { mappedBytes } = this.#facts
    const calls = this.#calls
    const address = this.#address
    unusedMappings.register(
      this.bytes.buffer,
      () => {
        calls.mapZeros(address, mappedBytes)
        afterwards()
        getLogger(['mpservice', 'shared-memory']).warn(
          'the block of shared memory {block} was collected without having been closed',
          { block: name },
        )
      },
      this,
    )
  }

  /** Gives the memory back. Old views read zeros or are empty; they never show other data. */
  release(): void {
    const { mappedBytes } = this.#facts
    unusedMappings.unregister(this)
    this.#calls.mapZeros(this.#address, mappedBytes)
    const { buffer } = this.#bytes
    if (!this.#isMoved && buffer instanceof ArrayBuffer) {
      retireRange(this.#calls, { address: this.#address, bytes: mappedBytes, buffer })
    }
    this.#bytes = new Uint8Array(0)
  }
}

const unusedMappings = new FinalizationRegistry<() => void>((release) => release())
