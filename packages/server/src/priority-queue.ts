import type { Fifo } from './fifo.ts'

/** What elements of one priority wait in. */
export interface Line<Element extends object> {
  readonly length: number
  push(element: Element): void
  /** What `shift` would take. */
  peek(): Element | undefined
  shift(): Element | undefined
  /** Takes out, in order, the elements for which `isWanted` says no. */
  keep(isWanted: (element: Element) => boolean): Element[]
}

/** What decides which element goes first. */
export interface Ranking<Element> {
  /** The highest goes first; 0 as usual. */
  priorityOf(element: Element): number
  /** The lower, the older; no two elements of a queue with `unshift` have the same. */
  ageOf(element: Element): number
}

/** Of so many elements in a row, at least one is taken for its age and not for its priority. */
export const oldestEvery = 8

interface Level<Kind> {
  readonly priority: number
  readonly line: Kind
}

/**
 * A queue that gives the elements of the highest priority first, and those of one priority in the order
 * of their line: first come, first served, in a `Fifo`.
 *
 * Nobody starves: while elements of different priorities wait, at the latest every eighth is taken
 * from the line whose first element is the oldest. As long as every priority is 0, it is no more than
 * one line.
 */
export class PriorityQueue<Element extends object, Kind extends Line<Element> = Fifo<Element>> {
  readonly #ranking: Ranking<Element>
  readonly #makeLine: () => Kind
  readonly #usual: Kind
  /** All lines, also that of priority 0, with the highest priority first. */
  readonly #levels: Level<Kind>[]
  /** How many elements have another priority than 0. */
  #unusual = 0
  #untilOldest = oldestEvery - 1
  /** The ages of what was taken for its age, and of what was taken, the last time. */
  #oldestAge = NaN
  #lastAge = NaN

  constructor(ranking: Ranking<Element>, makeLine: () => Kind) {
    this.#ranking = ranking
    this.#makeLine = makeLine
    this.#usual = makeLine()
    this.#levels = [{ priority: 0, line: this.#usual }]
  }

  get length(): number {
    return this.#usual.length + this.#unusual
  }

  push(element: Element): void {
    const priority = this.#ranking.priorityOf(element)
    if (priority === 0) this.#usual.push(element)
    else this.#lineFor(priority).push(element)
  }

  /** What `shift` would take. */
  peek(): Element | undefined {
    return this.#nextLine().peek()
  }

  /** The oldest of those that are the first of their priority. */
  get oldest(): Element | undefined {
    return this.#unusual === 0 ? this.#usual.peek() : this.#oldestLine().peek()
  }

  shift(): Element | undefined {
    if (this.#unusual === 0) return this.#usual.shift()
    const line = this.#nextLine()
    const element = line.shift()
    if (element === undefined) return undefined
    if (line !== this.#usual) this.#unusual--
    this.#lastAge = this.#ranking.ageOf(element)
    if (this.#untilOldest-- > 0) return element
    this.#untilOldest = oldestEvery - 1
    this.#oldestAge = this.#lastAge
    return element
  }

  /** Puts elements back that were taken, in front of those of the same priority, keeping their order. */
  unshift(this: PriorityQueue<Element>, elements: readonly Element[]): void {
    const returned = new Map<Fifo<Element>, Element[]>()
    for (const element of elements) {
      const line = this.#lineFor(this.#ranking.priorityOf(element))
      const others = returned.get(line)
      if (others === undefined) returned.set(line, [element])
      else others.push(element)
    }
    for (const [line, own] of returned) line.unshift(own)
    this.#giveTurnsBack(elements)
  }

  /** Takes out the elements for which `isWanted` says no, the highest priority first. */
  keep(isWanted: (element: Element) => boolean): Element[] {
    if (this.#unusual === 0) return this.#usual.keep(isWanted)
    return this.#levels.flatMap(({ line }) => {
      const removed = line.keep(isWanted)
      if (line !== this.#usual) this.#unusual -= removed.length
      return removed
    })
  }

  #nextLine(): Kind {
    if (this.#unusual === 0) return this.#usual
    if (this.#untilOldest === 0) return this.#oldestLine()
    return this.#levels.find(({ line }) => line.peek() !== undefined)?.line ?? this.#usual
  }

  #oldestLine(): Kind {
    let oldest = this.#usual
    let lowestAge = Infinity
    for (const { line } of this.#levels) {
      const first = line.peek()
      if (first === undefined) continue
      const age = this.#ranking.ageOf(first)
      if (age >= lowestAge) continue
      lowestAge = age
      oldest = line
    }
    return oldest
  }

  /** The line for one more element. */
  #lineFor(priority: number): Kind {
    if (priority === 0) return this.#usual
    this.#unusual++
    const index = this.#levels.findIndex((level) => level.priority <= priority)
    const known = this.#levels[index]
    if (known?.priority === priority) return known.line
    const line = this.#makeLine()
    this.#levels.splice(index === -1 ? this.#levels.length : index, 0, { priority, line })
    return line
  }

  /** What was given back has not been served: neither has it had its turn, nor anyone's before it. */
  #giveTurnsBack(elements: readonly Element[]): void {
    for (const element of elements) {
      const age = this.#ranking.ageOf(element)
      if (age === this.#oldestAge) this.#untilOldest = 0
      else if (age === this.#lastAge && this.#untilOldest < oldestEvery - 1) this.#untilOldest++
    }
    this.#lastAge = NaN
  }
}
