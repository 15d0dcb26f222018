/** A first-in, first-out queue with constant-time ends, which can also be searched. */
export class Fifo<Element extends object> {
  #elements: (Element | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#elements.length - this.#head
  }

  push(element: Element): void {
    this.#elements.push(element)
  }

  peek(): Element | undefined {
    return this.#elements[this.#head]
  }

  /** The newest element. */
  get last(): Element | undefined {
    return this.length === 0 ? undefined : this.#elements.at(-1)
  }

  shift(): Element | undefined {
    const element = this.peek()
    if (element === undefined) return undefined
    // An element that was taken must not be held until its place is cut off.
    this.#elements[this.#head++] = undefined
    // Cutting off the used part now and then keeps both the cost and the memory constant.
    if (this.#head > 1_024 && this.#head * 2 > this.#elements.length) {
      this.#elements = this.#elements.slice(this.#head)
      this.#head = 0
    }
    return element
  }

  /** Takes out the first element that is wanted. */
  take(isWanted: (element: Element) => boolean): Element | undefined {
    for (let index = this.#head; index < this.#elements.length; index++) {
      const element = this.#elements[index]
      if (element === undefined || !isWanted(element)) continue
      this.#elements.splice(index, 1)
      return element
    }
    return undefined
  }

  /** The elements, in order, that are wanted. */
  filter(isWanted: (element: Element) => boolean): Element[] {
    const found: Element[] = []
    for (let index = this.#head; index < this.#elements.length; index++) {
      const element = this.#elements[index]
      if (element !== undefined && isWanted(element)) found.push(element)
    }
    return found
  }

  /** Puts elements back in front, keeping their order. */
  unshift(elements: readonly Element[]): void {
    this.#elements = [...elements, ...this.#elements.slice(this.#head)]
    this.#head = 0
  }

  /** Takes out, in order, the elements for which `isWanted` says no. */
  keep(isWanted: (element: Element) => boolean): Element[] {
    const removed: Element[] = []
    const kept: Element[] = []
    for (let element = this.shift(); element !== undefined; element = this.shift()) {
      if (isWanted(element)) kept.push(element)
      else removed.push(element)
    }
    this.#elements = kept
    this.#head = 0
    return removed
  }
}
