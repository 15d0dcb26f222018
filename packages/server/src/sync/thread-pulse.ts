import type { MessagePort } from 'node:worker_threads'
import type { PortBlocks } from '../channel/port-blocks.ts'

/**
 * Says whether a thread is alive, to a caller who gets no events because its event loop stands still.
 *
 * A thread that ends closes its ports, whatever ended it. The other end of a port learns that with the
 * messages, which can be taken without an event loop; and then `postMessage`, which gives `true`
 * before, gives `undefined`. That is not documented; where it is otherwise, the thread counts as alive,
 * and whoever waits for it waits until time is up.
 */
export class ThreadPulse {
  readonly #port: MessagePort
  readonly #blocks: PortBlocks
  readonly #hasBeenFelt: boolean

  constructor(port: MessagePort, blocks: PortBlocks) {
    this.#port = port
    this.#blocks = blocks
    this.#hasBeenFelt = this.#feel()
  }

  isAlive(): boolean {
    this.#blocks.takeAll()
    return this.#feel() || !this.#hasBeenFelt
  }

  /** A doorbell too many does no harm. */
  #feel(): boolean {
    const given: unknown = this.#port.postMessage(null)
    return given === true
  }
}
