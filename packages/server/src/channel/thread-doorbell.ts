import type { MessagePort } from 'node:worker_threads'
import type { Board } from './channel-memory.ts'
import type { Sleeper } from './sleeper.ts'

const blocked = 1

/** Wakes a worker's thread: with a message, unless it blocks. */
export function ringThread(board: Board, port: MessagePort): void {
  const { words, index } = board.sleep
  if (Atomics.compareExchange(words, index, blocked, 0) === blocked) Atomics.notify(words, index)
  else port.postMessage(null)
}

/** How a worker's thread sleeps; a message wakes the server. */
export class ThreadSleeper implements Sleeper {
  readonly #board: Board
  readonly #port: MessagePort

  constructor(board: Board, port: MessagePort) {
    this.#board = board
    this.#port = port
  }

  ring(): void {
    this.#port.postMessage(null)
  }

  sleep(timeoutMs: number, maySleep: () => boolean): void {
    const { words, index } = this.#board.sleep
    // Said first: whoever rings after `maySleep` has looked changes it back.
    Atomics.store(words, index, blocked)
    if (maySleep()) Atomics.wait(words, index, blocked, timeoutMs)
    Atomics.store(words, index, 0)
  }
}
