import { MessageChannel, type MessagePort, Worker, type WorkerOptions } from 'node:worker_threads'
import { getLogger } from '@logtape/logtape'
import { assertNotImporting } from '@mpservice/process'
import { channelBytes, initializeChannel, openChannel } from '../channel/channel-memory.ts'
import type { FrameHeader } from '../channel/frame.ts'
import { PortBlocks } from '../channel/port-blocks.ts'
import type { ThreadBoot } from '../channel/thread-boot.ts'
import { ringThread } from '../channel/thread-doorbell.ts'
import { encodeSetup, type WorkerSetup } from '../channel/worker-setup.ts'
import { ServerEnd } from './server-end.ts'
import { threadFlags } from './thread-flags.ts'
import type { SentTask, WorkerLink, WorkerLinkEvents } from './worker-link.ts'

/** What a link to a worker in a thread of its own is made from. */
export interface ThreadLinkOptions {
  readonly setup: WorkerSetup
  /** The encoded `args` of the worker. */
  readonly args: Uint8Array
  readonly thread: WorkerOptions
}

/** How long a thread may take to end, in milliseconds; what native code does is not interrupted. */
const endMs = 400

/**
 * A link to a worker in a thread of its own: frames travel in shared memory.
 *
 * A thread that is stuck in native code is given up: it counts as ended, and will run no more JavaScript.
 */
export class ThreadLink implements WorkerLink {
  readonly pid = undefined
  readonly inspectUrl = undefined
  readonly canWithdraw = true
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #name: string
  readonly #end: ServerEnd
  readonly #events: WorkerLinkEvents
  #cause: Error | undefined
  #endTimer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor({ setup, args, thread }: ThreadLinkOptions, events: WorkerLinkEvents) {
    assertNotImporting()
    this.#events = events
    this.#name = setup.context.name
    const memory = new SharedArrayBuffer(channelBytes(setup.limits.ringBytes))
    const bytes = new Uint8Array(memory)
    initializeChannel(bytes)
    const { port1, port2 } = new MessageChannel()
    const { board } = openChannel(bytes)
    const blocks = new PortBlocks(port1)
    this.#port = port1
    this.#end = new ServerEnd({
      memory: bytes,
      blocks,
      maxBlockBytes: setup.limits.blockBytes,
      ringDoorbell: () => ringThread(board, port1),
      events,
      onBroken: (error) => this.#breakOff(error),
    })
    const boot: ThreadBoot = { setup: encodeSetup(setup), args, memory, port: port2 }
    // Where it is when this package is built.
    const program = new URL('./thread-main.js', import.meta.url)
    this.#worker = new Worker(program, {
      ...threadFlags(),
      ...thread,
      name: this.#name,
      workerData: boot,
      transferList: [port2],
    })
    // Not before: a port with a listener would stay open when there is no thread.
    port1.on('message', (message: unknown) => {
      blocks.take(message)
      this.#end.drain()
    })
    this.#worker.on('error', (error: unknown) => {
      this.#cause ??= error instanceof Error ? error : new Error(String(error), { cause: error })
    })
    this.#worker.once('exit', (exitCode) => this.#afterExit(exitCode))
  }

  trySend(header: FrameHeader, task: SentTask): boolean {
    return this.#end.trySend(header, task)
  }

  endBatch(): void {
    this.#end.endBatch()
  }

  get isAwake(): boolean {
    return this.#end.isAwake
  }

  tryStop(header: FrameHeader): boolean {
    return this.#end.tryStop(header)
  }

  tryWithdraw(task: SentTask): boolean {
    return this.#end.tryWithdraw(task)
  }

  hasBegun(task: SentTask): boolean {
    return this.#end.hasBegun(task)
  }

  abandon(id: number): void {
    this.#end.abandon(id)
  }

  forgetAbandoned(id: number): void {
    this.#end.forgetAbandoned(id)
  }

  flush(isBusy: boolean): void {
    this.#end.flush(isBusy)
  }

  spin(): void {
    this.#end.spin()
  }

  lookForFrames(): void {
    this.#end.drain()
  }

  takeStack(): Promise<string> {
    // Node 20 ends the whole program by a segmentation fault when a thread ends while its inspector is used.
    return Promise.reject(
      new Error(
        'a thread shows no stack, since Node may crash when it ends meanwhile; debug the main process (node --inspect), which shows its threads',
      ),
    )
  }

  kill(): void {
    void this.#worker.terminate()
    if (this.#hasEnded) return
    // After a turn of a blocked event loop, in which its end may be told.
    this.#endTimer ??= setTimeout(() => setImmediate(() => this.#giveUp()), endMs)
  }

  terminate(): void {
    this.kill()
  }

  #breakOff(error: Error): void {
    this.#cause ??= error
    this.kill()
  }

  #giveUp(): void {
    if (this.#hasEnded) return
    getLogger(['mpservice', 'server']).warn(
      'the thread of worker {name} does not end and is given up: it is in native code; until that ends, this program cannot exit, but can be killed',
      { name: this.#name },
    )
    this.#worker.unref()
    this.#cause ??= new Error('its thread is in native code and does not end')
    this.#afterExit(null)
  }

  /** Once, although a thread that was given up may end later. */
  #afterExit(exitCode: number | null): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearTimeout(this.#endTimer)
    this.#end.drain()
    this.#events.onExit({ exitCode, signalCode: null, stderrTail: '', cause: this.#cause })
    this.#end.close()
    this.#port.close()
  }
}
