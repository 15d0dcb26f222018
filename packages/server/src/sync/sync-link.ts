import { MessageChannel, type MessagePort, Worker, type WorkerOptions } from 'node:worker_threads'
import { assertNotImporting } from '@mpservice/process'
import { AwakeTrial } from '../channel/awake-trial.ts'
import { channelBytes, initializeChannel } from '../channel/channel-memory.ts'
import type { VisitFrame } from '../channel/frame-reader.ts'
import type { FrameHeader } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { PortBlocks } from '../channel/port-blocks.ts'
import { RingChannel } from '../channel/ring-channel.ts'
import { ringThread } from '../channel/thread-doorbell.ts'
import { threadFlags } from '../link/thread-flags.ts'
import { describeThrown } from '../to-error.ts'
import { WorkerStartError } from '../worker-errors.ts'
import { SyncBoard, syncBoardBytes } from './sync-board.ts'
import type { SyncBoot } from './sync-boot.ts'
import { refuseTask } from './sync-frame.ts'
import { ThreadPulse } from './thread-pulse.ts'

/** What a link to the thread of a `SyncServer` is made from. */
export interface SyncLinkOptions {
  readonly boot: Pick<SyncBoot, 'location' | 'name' | 'capacity' | 'maxBlockBytes'>
  readonly ringBytes: number
  readonly thread: WorkerOptions
  readonly onFrame: VisitFrame
}

/** How long a caller waits awake for an answer before it blocks, in milliseconds. */
const spinMs = 0.1
/** How long a caller blocks before it looks whether the thread is still alive, in milliseconds. */
const stepMs = 50
/** The same while it waits for the end of the thread, in milliseconds. */
const endStepMs = 1
/** How often it is found out at most whether the thread is alive, in milliseconds. */
const pulseMs = 5
/** How often a caller looks for room in a full channel, in milliseconds. */
const roomMs = 1

/**
 * A caller's connection to a thread, for a caller whose event loop stands still: frames travel in shared
 * memory, and it blocks while it waits for them.
 */
export class SyncLink {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #blocks: PortBlocks
  readonly #board: SyncBoard
  readonly #channel: RingChannel
  readonly #pulse: ThreadPulse
  readonly #trial = new AwakeTrial()
  /** Whether the thread slept when it got the newest frame. */
  #hasWoken = false
  #nextLookAt = 0
  #exitCode: number | undefined
  #cause: Error | undefined

  constructor({ boot, ringBytes, thread, onFrame }: SyncLinkOptions) {
    assertNotImporting()
    const memory = new SharedArrayBuffer(channelBytes(ringBytes))
    const bytes = new Uint8Array(memory)
    initializeChannel(bytes)
    const board = new SharedArrayBuffer(syncBoardBytes)
    const { port1, port2 } = new MessageChannel()
    const blocks = new PortBlocks(port1)
    this.#port = port1
    this.#blocks = blocks
    this.#board = new SyncBoard(board)
    this.#pulse = new ThreadPulse(port1, blocks)
    this.#channel = new RingChannel({
      end: 'server',
      memory: bytes,
      blocks,
      maxBlockBytes: boot.maxBlockBytes,
      ringDoorbell: () => ringThread(this.#channel.board, port1),
      onFrame,
      onWithdrawn: refuseTask,
    })
    this.#worker = this.#startThread(thread, { ...boot, memory, board, port: port2 })
    // Whoever waits for it is blocked, so it need not keep the program alive.
    this.#worker.unref()
    this.#worker.on('error', (error: unknown) => this.noteCause(error))
    this.#worker.once('exit', (exitCode) => this.#end(exitCode))
  }

  /** With which code the thread has ended; `undefined` while it lives, as far as is known. */
  get exitCode(): number | undefined {
    return this.#exitCode ?? this.#board.exitCode
  }

  /** What may have ended the thread. */
  get cause(): Error | undefined {
    return this.#cause
  }

  noteCause(thrown: unknown): void {
    this.#cause = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
  }

  /**
   * Writes a frame, and wakes the thread if it sleeps. Gives whether there was room; if not, `waitForRoom`.
   *
   * @throws {EncodeError} When the payload cannot be carried.
   */
  tryWrite(header: FrameHeader, payload?: Payload): boolean | (() => void) {
    const { writer } = this.#channel
    const written = writer.tryWrite(header, payload)
    if (written === false) return false
    writer.reveal()
    this.#hasWoken = writer.isReaderAsleep
    writer.wake()
    return written === true ? true : written.release
  }

  /** Blocks for a moment, or until there is room. */
  waitForRoom(): void {
    this.drain()
    const { writer } = this.#channel
    writer.wake()
    this.#board.sleep(roomMs, () => writer.park())
    writer.unpark()
    this.#lookForEnd()
  }

  /** Reads all frames that are there; a thread that sends rubbish is ended. */
  drain(): void {
    try {
      this.#channel.reader.drain()
    } catch (error) {
      this.noteCause(error)
      void this.#worker.terminate()
      this.#end(1)
    }
  }

  /**
   * Reads frames, and blocks until something is so or its time has come; gives whether it is so. When
   * the thread ends, that is the end of waiting, too.
   *
   * @param until - On the clock of `performance.now()`.
   */
  wait(isSo: () => boolean, until: number): boolean {
    const { reader } = this.#channel
    for (;;) {
      const hasEnded = this.exitCode !== undefined
      // After the look at the end: what was written before it is there.
      this.drain()
      if (isSo()) return true
      const leftMs = until - performance.now()
      if (leftMs <= 0 || hasEnded) return false
      if (this.#spin()) continue
      const isRung = this.#board.sleep(
        Math.min(leftMs, stepMs),
        () => this.exitCode === undefined && reader.park(),
      )
      reader.unpark()
      if (!isRung) this.#lookForEnd()
    }
  }

  /** Ends the thread, and waits until it has, but not for ever: it may be stuck in native code. */
  terminate(longestMs: number): void {
    if (this.exitCode === undefined) {
      void this.#worker.terminate()
      this.waitForEnd(longestMs)
    }
    this.#end(this.exitCode ?? 1)
  }

  /** Blocks until the thread has ended, or for so many milliseconds; takes in what it says. */
  waitForEnd(longestMs: number): void {
    const until = performance.now() + longestMs
    while (this.exitCode === undefined && performance.now() < until) {
      this.drain()
      this.#board.sleep(endStepMs, () => this.exitCode === undefined)
      this.#lookForEnd()
    }
    this.drain()
  }

  /** @throws {WorkerStartError} When the system does not let it. */
  #startThread(options: WorkerOptions, workerData: SyncBoot): Worker {
    const { name, port } = workerData
    // Where it is when this package is built.
    const program = new URL('./sync-main.js', import.meta.url)
    try {
      return new Worker(program, {
        ...threadFlags(),
        ...options,
        name,
        workerData,
        transferList: [port],
      })
    } catch (error) {
      this.#port.close()
      throw new WorkerStartError(
        { workerName: name, reason: 'exited', detail: describeThrown(error) },
        { cause: error },
      )
    }
  }

  #spin(): boolean {
    // Who was just woken may need this processor.
    if (this.#hasWoken || !this.#trial.isDue()) return false
    const hasFrames = this.#channel.reader.spin(spinMs)
    if (hasFrames) this.#trial.hit()
    else this.#trial.miss()
    return hasFrames
  }

  /** A thread whose heap is full ends without a word. */
  #lookForEnd(): void {
    if (this.exitCode !== undefined || performance.now() < this.#nextLookAt) return
    this.#nextLookAt = performance.now() + pulseMs
    if (this.#pulse.isAlive()) return
    const message = 'the thread ended without a word, as it does when its heap is full'
    this.#cause ??= Object.assign(new Error(message), { code: 'ERR_WORKER_OUT_OF_MEMORY' })
    this.#end(1)
  }

  #end(exitCode: number): void {
    this.#exitCode ??= exitCode
    this.#blocks.takeAll()
    this.#port.close()
  }
}
