import type { AbandonedTable } from '../channel/abandoned-table.ts'
import { AwakeTrial } from '../channel/awake-trial.ts'
import type { Board } from '../channel/channel-memory.ts'
import type { FrameHeader } from '../channel/frame.ts'
import type { Payload } from '../channel/payload.ts'
import { RingChannel, type RingChannelOptions } from '../channel/ring-channel.ts'
import type { Sleeper } from '../channel/sleeper.ts'
import type { WaitOutcome, WorkerPort, WorkerPortEvents } from './worker-port.ts'

/** What a worker's end of a channel in shared memory is made from. */
export interface RingPortOptions extends Omit<
  RingChannelOptions,
  'end' | 'onFrame' | 'onWithdrawn' | 'ringDoorbell'
> {
  readonly sleeper: Sleeper
  readonly events: WorkerPortEvents
}

/** How long a worker waits for its next task awake when its server says so, in milliseconds. */
const spinMs = 0.1
/** The same after it was woken: the server may still be in the system call that did it. */
const spinAfterWakeMs = 0.2
/** How long a worker blocks its thread for its next task before its event loop goes on, in ms. */
const blockMs = 5
/** How often a worker looks for room in a full channel, in milliseconds. */
const roomMs = 1
/** What keeps the event loop alive in a worker that has nothing to do: its channel. */
const ownResources = 1

const one = { maxRecords: 1 }

/** A worker's way to its server through shared memory. */
export class RingPort implements WorkerPort {
  readonly #channel: RingChannel
  readonly #board: Board
  readonly #sleeper: Sleeper
  readonly #onWake: () => void
  readonly abandoned: AbandonedTable
  readonly #trial = new AwakeTrial()
  #wasWoken = false

  constructor(options: RingPortOptions) {
    const { sleeper, events } = options
    this.#sleeper = sleeper
    this.#channel = new RingChannel({
      ...options,
      end: 'worker',
      ringDoorbell: () => sleeper.ring(),
      onFrame: events.onFrame,
      onWithdrawn: events.onWithdrawn,
    })
    this.#board = this.#channel.board
    this.abandoned = this.#channel.abandoned
    this.#onWake = () => {
      events.onAbandoned()
      events.onWake()
    }
  }

  /** The server's doorbell has rung while this thread did not block. */
  wakeUp(): void {
    this.#wasWoken = true
    this.#channel.reader.unpark()
    this.#onWake()
  }

  next(): boolean {
    return this.#channel.reader.drain(one) > 0
  }

  write(header: FrameHeader, payload?: Payload): void {
    const { writer } = this.#channel
    let hasSlept = false
    // Other tasks may be done while this one waits, by the same header.
    let own: FrameHeader | undefined
    while (writer.tryWrite(own ?? header, payload) === false) {
      own ??= { ...header }
      hasSlept = true
      writer.wake()
      // Room may be wanted in a block, of which no doorbell tells: time is up soon.
      this.#sleeper.sleep(roomMs, () => {
        writer.park()
        return true
      })
      writer.unpark()
    }
    writer.reveal()
    // The doorbell that ended the sleep may have been for a task.
    if (hasSlept) setImmediate(() => this.wakeUp())
  }

  wake(): void {
    this.#channel.writer.wake()
  }

  wait(isBusy: boolean): WaitOutcome {
    const { reader } = this.#channel
    if (reader.hasFrames) return 'awake'
    if (isBusy) return reader.park() ? 'nothing' : 'awake'
    if (this.#board.staysAwake && this.#trial.isDue() && this.#spin()) return 'awake'
    // Whatever user code waits for needs the event loop.
    if (process.getActiveResourcesInfo().length <= ownResources) {
      this.#sleeper.sleep(blockMs, () => reader.park())
      reader.unpark()
      if (reader.hasFrames) {
        this.#wasWoken = true
        return 'woken'
      }
    }
    return reader.park() ? 'nothing' : 'awake'
  }

  #spin(): boolean {
    const hasFrames = this.#channel.reader.spin(this.#wasWoken ? spinAfterWakeMs : spinMs)
    this.#wasWoken = false
    if (hasFrames) this.#trial.hit()
    else this.#trial.miss()
    return hasFrames
  }
}
