import type { Answers } from './answers.ts'

/** Says how much a worker works on at the same time. */
export class Lanes {
  readonly #count: number
  #taken = 0
  #onFree: (() => void) | undefined
  #onEmpty: (() => void) | undefined

  constructor(count: number) {
    this.#count = count
  }

  get isEmpty(): boolean {
    return this.#taken === 0
  }

  /** Whether several lanes are there, so that work does not follow one another. */
  get isWide(): boolean {
    return this.#count > 1
  }

  /**
   * Keeps a lane for work until it has ended and its outcomes are told. Gives a promise while no lane is
   * free.
   */
  occupy<Result>(
    work: Promise<Result>,
    answers: Answers,
    tell: (result: Result) => void,
  ): Promise<void> | undefined {
    this.enter()
    work
      .then((result) => {
        tell(result)
        answers.wakeSoon()
        this.leave()
      })
      .catch((error: unknown) => answers.fail(error))
    return this.whenFree()
  }

  enter(): void {
    this.#taken++
  }

  leave(): void {
    this.#taken--
    this.#onFree?.()
    this.#onFree = undefined
    if (this.#taken > 0) return
    this.#onEmpty?.()
    this.#onEmpty = undefined
  }

  /** Gives a promise while no lane is free; only one at a time may wait. */
  whenFree(): Promise<void> | undefined {
    if (this.#taken < this.#count) return undefined
    return new Promise((resolve) => {
      this.#onFree = resolve
    })
  }

  /** Waits until all lanes are free. */
  async whenEmpty(): Promise<void> {
    if (this.#taken === 0) return
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
  }
}
