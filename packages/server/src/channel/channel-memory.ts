import { initializeRing, ringMemoryBytes } from '@mpservice/shared-memory'
import { AbandonedTable } from './abandoned-table.ts'

/**
 * The memory that a server and one worker share: a page of words, a table of abandoned items, a ring of
 * frames to the worker, and a ring of frames from it.
 */
export interface ChannelMemory {
  readonly board: Board
  readonly abandoned: AbandonedTable
  readonly toWorker: Uint8Array
  readonly fromWorker: Uint8Array
}

/** How much memory a channel takes whose rings have a capacity. */
export function channelBytes(ringBytes: number): number {
  return pageBytes + 2 * ringMemoryBytes(ringBytes)
}

/** Makes a channel of zeroed memory, once, before either side uses it. */
export function initializeChannel(memory: Uint8Array): void {
  const { toWorker, fromWorker } = openChannel(memory)
  initializeRing(toWorker)
  initializeRing(fromWorker)
}

/** Finds the parts of a channel. */
export function openChannel(memory: Uint8Array): ChannelMemory {
  const ring = (memory.length - pageBytes) / 2
  const words = new Int32Array(memory.buffer, memory.byteOffset, pageBytes / 4)
  return {
    board: new Board(words.subarray(0, boardWords)),
    abandoned: new AbandonedTable(words.subarray(boardWords)),
    toWorker: memory.subarray(pageBytes, pageBytes + ring),
    fromWorker: memory.subarray(pageBytes + ring),
  }
}

/**
 * What both sides can see at any time, whatever the other one is doing. What they write stands apart,
 * since processors fetch two cache lines of 64 bytes at a time.
 */
export class Board {
  readonly #words: Int32Array

  constructor(words: Int32Array) {
    this.#words = words
  }

  /** Whether the worker shall wait for its next task awake, for some microseconds. */
  get staysAwake(): boolean {
    return Atomics.load(this.#words, staysAwakeWord) !== 0
  }

  set staysAwake(staysAwake: boolean) {
    const word = staysAwake ? 1 : 0
    if (this.#words[staysAwakeWord] !== word) Atomics.store(this.#words, staysAwakeWord, word)
  }

  /** The number of the last block of the worker that the server could not map; 0 for none. */
  get refusedBlock(): number {
    return Atomics.load(this.#words, refusedBlockWord)
  }

  set refusedBlock(number: number) {
    Atomics.store(this.#words, refusedBlockWord, number)
  }

  /** The word in which a thread says how it sleeps. */
  get sleep(): { readonly words: Int32Array; readonly index: number } {
    return { words: this.#words, index: sleepWord }
  }
}

const pageBytes = 4096
const boardWords = 256
const staysAwakeWord = 0
const sleepWord = 32
const refusedBlockWord = 64
