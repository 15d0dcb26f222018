const sleepWord = 0
const endedWord = 32
const blocked = 1

/** How much memory a board takes: what the two sides write stands apart. */
export const syncBoardBytes = 256

/** What a thread can tell a caller who is blocked: that there are frames, and that it has ended. */
export class SyncBoard {
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  /**
   * For the caller: blocks until the thread rings or time is up; gives whether it was rung.
   *
   * @param maySleep - Asked right before, when a ring is certain to be heard; if not, it does not block.
   */
  sleep(timeoutMs: number, maySleep: () => boolean): boolean {
    // Said first: whoever rings after `maySleep` has looked changes it back.
    Atomics.store(this.#words, sleepWord, blocked)
    const isRung = !maySleep() || this.#wait(timeoutMs)
    Atomics.store(this.#words, sleepWord, 0)
    return isRung
  }

  /** For the thread: wakes the caller if it is blocked; else it will look by itself. */
  ring(): void {
    const before = Atomics.compareExchange(this.#words, sleepWord, blocked, 0)
    if (before === blocked) Atomics.notify(this.#words, sleepWord)
  }

  /** For the thread: says that it ends, and wakes the caller. */
  end(exitCode: number): void {
    Atomics.store(this.#words, endedWord, exitCode + 1)
    this.ring()
  }

  /** With which code the thread has ended; `undefined` when it has not, or could not say so. */
  get exitCode(): number | undefined {
    const word = Atomics.load(this.#words, endedWord)
    return word === 0 ? undefined : word - 1
  }

  #wait(timeoutMs: number): boolean {
    return Atomics.wait(this.#words, sleepWord, blocked, timeoutMs) !== 'timed-out'
  }
}
