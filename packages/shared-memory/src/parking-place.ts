/** How a side of a ring wakes the other one. */
export interface RingOptions {
  /**
   * Wakes the other side, which has parked: writes a byte to the pipe it sleeps on. Called once for
   * each time it parks.
   *
   * It must not block, and the byte must be out of this process when it returns: one that waits in a
   * buffer here is lost with a process that is killed, and the next one does not know. Best it throws
   * nothing: its error comes out of the method that called it, which is done with its work by then but
   * cannot say how it went. It is called again the next time.
   *
   * @default does nothing: the other side polls
   */
  readonly ringDoorbell?: (() => void) | undefined
}

/**
 * The word of a ring that says whether a side is parked: under another number each time, or 0.
 *
 * The other side rings first and then takes back the number that it saw. So nobody sleeps for ever
 * when it is killed in between, and a side that was woken and has parked again meanwhile stays parked.
 */
export class ParkingPlace {
  readonly #words: Int32Array
  readonly #word: number
  // Most likely not a number of a side that was here before.
  #number: number = 1 + Math.floor(Math.random() * maxNumber)

  constructor(words: Int32Array, word: number) {
    this.#words = words
    this.#word = word
  }

  /** For the side itself: what it looks at after this, it may go to sleep about. */
  park(): void {
    this.#number = this.#number === maxNumber ? 1 : this.#number + 1
    Atomics.store(this.#words, this.#word, this.#number)
  }

  /** For the side itself. */
  unpark(): void {
    Atomics.store(this.#words, this.#word, 0)
  }

  /** For the other side, after it has made visible what the parked one waits for. */
  get isTaken(): boolean {
    return Atomics.load(this.#words, this.#word) !== 0
  }

  /** For the other side: rings if the side is parked. */
  wake(ringDoorbell: () => void): void {
    const number = Atomics.load(this.#words, this.#word)
    if (number === 0) return
    ringDoorbell()
    Atomics.compareExchange(this.#words, this.#word, number, 0)
  }
}

const maxNumber = 2 ** 30
