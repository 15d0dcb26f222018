import { RingReader, RingWriter } from '@mpservice/shared-memory'
import type { AbandonedTable } from './abandoned-table.ts'
import { BlockSource } from './block-source.ts'
import { type BlockMemory, BlockStore } from './block-store.ts'
import { type Board, openChannel } from './channel-memory.ts'
import { FrameReader, type VisitFrame, type VisitWithdrawn } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'

/** What one end of a channel in shared memory is made from. */
export interface RingChannelOptions {
  readonly end: 'server' | 'worker'
  /** As `initializeChannel` has prepared it. */
  readonly memory: Uint8Array
  readonly blocks: BlockExchange
  /** The most memory for large payloads from this end. */
  readonly maxBlockBytes: number
  /** Wakes the other end. */
  readonly ringDoorbell: () => void
  readonly onFrame: VisitFrame
  /** A task was withdrawn before this end has begun it. */
  readonly onWithdrawn: VisitWithdrawn
}

/** How memory for large payloads gets from one end to the other. */
export interface BlockExchange {
  /** @throws {SharedMemorySystemError} When there is not enough memory. */
  create(sizeBytes: number): BlockMemory
  /** Tells the other end of new memory; gives whether it could. */
  announce(number: number, memory: BlockMemory, writer: FrameWriter): boolean
  /** Tells the other end that it will see no more of a block; gives whether it could. */
  forget(number: number, writer: FrameWriter): boolean
  /** Finds memory of the other end that was not announced in a frame. */
  find(number: number): BlockMemory | undefined
}

/** One end of the channel between a server and a worker that share memory. */
export class RingChannel {
  readonly board: Board
  readonly abandoned: AbandonedTable
  readonly writer: FrameWriter
  readonly reader: FrameReader
  readonly #stored: BlockStore
  readonly #received: BlockSource

  constructor(options: RingChannelOptions) {
    const { end, memory, blocks, maxBlockBytes, ringDoorbell, onFrame, onWithdrawn } = options
    const { board, abandoned, toWorker, fromWorker } = openChannel(memory)
    const [outgoing, incoming] = end === 'server' ? [toWorker, fromWorker] : [fromWorker, toWorker]
    this.board = board
    this.abandoned = abandoned
    this.#stored = new BlockStore({
      maxBytes: maxBlockBytes,
      create: (sizeBytes) => blocks.create(sizeBytes),
      announce: (number, block) => blocks.announce(number, block, this.writer),
      forget: (number) => blocks.forget(number, this.writer),
    })
    // A server keeps what it has given a worker until the worker has answered: the worker may die.
    this.#received = new BlockSource({
      releases: end === 'server',
      onRefused: (number) => {
        if (end === 'server') board.refusedBlock = number
      },
      find: (number) => blocks.find(number),
    })
    this.writer = new FrameWriter(new RingWriter(outgoing, { ringDoorbell }), this.#stored)
    this.reader = new FrameReader(
      new RingReader(incoming, { ringDoorbell }),
      this.#received,
      onFrame,
      onWithdrawn,
    )
  }

  /** Lets go of the memory for large payloads. */
  close(): void {
    this.#stored.close()
    this.#received.close()
  }
}
