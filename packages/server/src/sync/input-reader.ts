/** Reads inputs one by one; what goes wrong with that is thrown when the results before it were taken. */
export class InputReader<Input> {
  readonly #iterator: Iterator<Input>
  #isExhausted = false
  #failure: { readonly error: unknown } | undefined

  /** @throws {TypeError} When there is nothing to read from. */
  constructor(inputs: Iterable<Input>) {
    if (typeof Reflect.get(Object(inputs), Symbol.iterator) !== 'function') {
      throw new TypeError('streamSync reads from an iterable')
    }
    this.#iterator = inputs[Symbol.iterator]()
  }

  get hasEnded(): boolean {
    return this.#isExhausted || this.#failure !== undefined
  }

  /** Reads one input, if there is one, and gives it away. */
  read(give: (input: Input) => void): void {
    try {
      const step = this.#readNext()
      if (step !== undefined) give(step.value)
    } catch (error) {
      this.#failure = { error }
    }
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** @throws What the inputs throw at their end, unless whoever reads them is failing already. */
  close(isFailing: boolean): void {
    if (this.#isExhausted) return
    try {
      this.#iterator.return?.()
    } catch (error) {
      if (!isFailing) throw error
    }
  }

  #readNext(): { readonly value: Input } | undefined {
    // Inputs that throw have ended.
    this.#isExhausted = true
    const { done, value } = this.#iterator.next()
    if (done === true) return undefined
    this.#isExhausted = false
    return { value }
  }
}
