import type { MessagePort } from 'node:worker_threads'
import { importExport } from '@mpservice/contract'
import { settleWithin, whileImporting } from '@mpservice/process'
import { describeOrigin } from '@mpservice/remote-exception'
import { AwakeTrial } from '../channel/awake-trial.ts'
import type { FrameView } from '../channel/frame-view.ts'
import { plainHeader } from '../channel/frame.ts'
import { exceptionPayload, type Payload, valuePayload } from '../channel/payload.ts'
import { PortBlocks } from '../channel/port-blocks.ts'
import { RingChannel } from '../channel/ring-channel.ts'
import type { ServerCallOptions } from '../server-options.ts'
import { Server } from '../server.ts'
import { checkServlet, type Servlet } from '../servlet.ts'
import { SyncBoard } from './sync-board.ts'
import type { SyncBoot } from './sync-boot.ts'
import { refuseTask, syncKind } from './sync-frame.ts'
import { SyncOutbox } from './sync-outbox.ts'

/** How long this thread looks for the next frame, after the last one or the last answer, in ms. */
const awakeMs = 0.2
/** The part of it in one turn of the event loop, when nothing else is to be done, in milliseconds. */
const spinMs = 0.02

/** So many frames are read in one turn, so that the first ones are answered meanwhile. */
const framesTogether = { maxRecords: 32 }

/** The thread's side of a `SyncServer`: a server, and the frames of a caller who is blocked. */
export class SyncHost {
  readonly #boot: SyncBoot
  readonly #port: MessagePort
  readonly #board: SyncBoard
  readonly #channel: RingChannel
  readonly #outbox: SyncOutbox
  readonly #origin: string
  readonly #streams = new Map<number, AbortController>()
  readonly #starting = new AbortController()
  readonly #trial = new AwakeTrial()
  readonly #look = (): void => this.#lookForFrames()
  #server: Server<unknown, unknown> | undefined
  #isAwake = false
  #hasWaited = false
  #awakeUntil = 0

  constructor(boot: SyncBoot) {
    this.#boot = boot
    this.#port = boot.port
    this.#board = new SyncBoard(boot.board)
    this.#origin = describeOrigin(boot.name)
    const blocks = new PortBlocks(boot.port)
    this.#channel = new RingChannel({
      end: 'worker',
      memory: new Uint8Array(boot.memory),
      blocks,
      maxBlockBytes: boot.maxBlockBytes,
      ringDoorbell: () => this.#board.ring(),
      onFrame: (frame, payload) => this.#take(frame, payload),
      onWithdrawn: refuseTask,
    })
    this.#outbox = new SyncOutbox(this.#channel.writer, this.#origin)
    this.#port.on('message', (message: unknown) => {
      blocks.take(message)
      this.#wakeUp()
    })
    // The caller cannot be told by events: its event loop stands still.
    process.on('uncaughtExceptionMonitor', (error: unknown) => {
      this.#outbox.write(plainHeader(syncKind.uncaught, 0), exceptionPayload(error, this.#origin))
    })
    process.on('exit', (exitCode) => this.#board.end(exitCode))
  }

  /** Starts the server, and serves until the caller says close or this thread ends otherwise. */
  async start(): Promise<void> {
    const { signal } = this.#starting
    try {
      const servlet = await settleWithin(this.#makeServlet(), 'start', { signal })
      assertServlet(servlet)
      this.#server = await Server.start(servlet, { capacity: this.#boot.capacity, signal })
    } catch (error) {
      const payload = exceptionPayload(error, this.#origin)
      this.#outbox.write(plainHeader(syncKind.startFailed, 0), payload)
      process.exit(1)
    }
    this.#outbox.write(plainHeader(syncKind.ready, 0))
    this.#wakeUp()
  }

  async #makeServlet(): Promise<unknown> {
    const { location } = this.#boot
    const makePipeline = await whileImporting(location.url, () => importExport(location))
    return Reflect.apply(makePipeline, undefined, [])
  }

  #wakeUp(): void {
    if (!this.#isAwake) {
      this.#isAwake = true
      this.#hasWaited = false
      this.#channel.reader.unpark()
      setImmediate(this.#look)
    }
    this.#readFrames()
  }

  #lookForFrames(): void {
    // What was read is answered when this turn of the event loop ends.
    if (!this.#readFrames() && performance.now() >= this.#awakeUntil) {
      this.#fallAsleep()
      return
    }
    setImmediate(this.#look)
  }

  #fallAsleep(): void {
    if (this.#hasWaited) this.#trial.miss()
    this.#hasWaited = false
    if (this.#channel.reader.park()) this.#isAwake = false
    else setImmediate(this.#look)
  }

  /** Gives whether there were frames. */
  #readFrames(): boolean {
    this.#outbox.flush()
    const { reader } = this.#channel
    if (!reader.hasFrames && !this.#waitAwake()) return false
    reader.drain(framesTogether)
    if (this.#hasWaited) this.#trial.hit()
    this.#hasWaited = false
    this.#stayAwake()
    return true
  }

  /** Waits a moment, when nothing else is to be done; gives whether there are frames. */
  #waitAwake(): boolean {
    if (performance.now() >= this.#awakeUntil) return false
    this.#hasWaited = true
    return this.#server?.backlog === 0 && this.#channel.reader.spin(spinMs)
  }

  #stayAwake(): void {
    if (this.#trial.isDue()) this.#awakeUntil = performance.now() + awakeMs
  }

  #take(frame: FrameView, payload: Payload): void {
    const { kind, id, timeMs } = frame
    switch (kind) {
      case syncKind.call:
        this.#call(id, payload, { timeoutMs: timeMs, backpressure: true })
        break
      case syncKind.enqueue: {
        const signal = frame.epoch === 0 ? undefined : this.#streamOf(frame.epoch).signal
        this.#call(id, payload, { timeoutMs: timeMs, backpressure: false, signal })
        break
      }
      case syncKind.leave:
        this.#streams.get(id)?.abort()
        this.#streams.delete(id)
        break
      case syncKind.count:
        this.#answer(id, valuePayload(this.#server?.backlog))
        break
      case syncKind.close:
        void this.#end(async () => this.#server?.close({ drainTimeoutMs: timeMs }))
        break
      case syncKind.kill:
        this.#starting.abort()
        void this.#end(async () => this.#server?.kill())
        break
      default:
        throw new TypeError(`a frame of unknown kind ${kind} from the caller of a SyncServer`)
    }
  }

  #call(id: number, payload: Payload, options: ServerCallOptions): void {
    let input: unknown
    try {
      input = payload.value()
    } catch (error) {
      this.#answer(id, exceptionPayload(error, this.#origin))
      return
    }
    this.#server?.call(input, options).then(
      (value) => this.#answer(id, valuePayload(value)),
      (error: unknown) => this.#answer(id, exceptionPayload(error, this.#origin)),
    )
  }

  #answer(id: number, outcome: Payload): void {
    this.#outbox.write({ ...plainHeader(syncKind.result, 0), id }, outcome)
    this.#stayAwake()
  }

  #streamOf(number: number): AbortController {
    const known = this.#streams.get(number)
    if (known !== undefined) return known
    const leaving = new AbortController()
    this.#streams.set(number, leaving)
    return leaving
  }

  /** A start that fails ends by itself. */
  async #end(endServer: () => Promise<unknown>): Promise<void> {
    if (this.#server === undefined) return
    await endServer()
    await this.#outbox.whenEmpty()
    process.exit(0)
  }
}

function assertServlet(value: unknown): asserts value is Servlet<unknown, unknown> {
  checkServlet(value, 'SyncServer.start')
}
