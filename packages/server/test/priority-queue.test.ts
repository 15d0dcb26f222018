import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from '../src/fifo.ts'
import { oldestEvery, PriorityQueue } from '../src/priority-queue.ts'

interface Entry {
  readonly age: number
  readonly priority: number
}

const priorities = fc.constantFrom(0, 0, 0, 1, -1, 127, -128)
const commands = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('push' as const), priority: priorities }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('shift' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('no room' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('give back' as const), count: fc.nat(4) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('keep' as const),
        every: fc.integer({ min: 2, max: 5 }),
      }),
    },
  ),
  { maxLength: 300 },
)

test('behaves as a sorted array of which at least every eighth taken is the oldest', () => {
  fc.assert(
    fc.property(commands, (program) => {
      const queue = makeQueue()
      const model = new Model()
      let lastAge = 0
      let taken: Entry[] = []
      for (const command of program) {
        if (command.kind === 'push') {
          const entry = { age: ++lastAge, priority: command.priority }
          queue.push(entry)
          model.push(entry)
        } else if (command.kind === 'shift') {
          expect(queue.peek()).toBe(model.choose())
          const entry = queue.shift()
          expect(entry).toBe(model.shift())
          if (entry !== undefined) taken.push(entry)
        } else if (command.kind === 'no room') {
          const entry = queue.shift()
          expect(entry).toBe(model.shift())
          if (entry === undefined) continue
          queue.unshift([entry])
          model.unshift([entry])
          expect(queue.peek()).toBe(entry)
        } else if (command.kind === 'give back') {
          const returned = taken.splice(taken.length - command.count)
          queue.unshift(returned)
          model.unshift(returned)
        } else {
          const isWanted = ({ age }: Entry): boolean => age % command.every !== 0
          expect(queue.keep(isWanted)).toEqual(model.keep(isWanted))
          taken = taken.filter(isWanted)
        }
        expect([queue.length, queue.oldest]).toEqual([model.entries.length, model.oldest])
      }
    }),
    { numRuns: 300 },
  )
})

test('gives everyone their turn, however many come that are more urgent', () => {
  fc.assert(
    fc.property(fc.array(priorities, { minLength: 1, maxLength: 40 }), (waiting) => {
      const queue = makeQueue()
      let lastAge = 0
      for (const priority of waiting) queue.push({ age: ++lastAge, priority })
      for (let taken = 0; taken < waiting.length * oldestEvery; taken++) {
        queue.push({ age: ++lastAge, priority: 127 })
        queue.shift()
        // Which does not count: there was no room for it.
        const next = queue.shift()
        if (next !== undefined) queue.unshift([next])
      }
      expect(queue.keep(() => false).every(({ age }) => age > waiting.length)).toBe(true)
    }),
  )
})

test('gives back the turn of the oldest with it, when it was taken back from a worker', () => {
  const queue = makeQueue()
  const [low, ...high] = [-1, ...Array<number>(30).fill(1)].map((priority, age) => ({
    age,
    priority,
  }))
  if (low === undefined) throw new Error('there is one')
  for (const entry of [low, ...high]) queue.push(entry)
  const first = Array.from({ length: 10 }, () => queue.shift())
  expect(first[oldestEvery - 1]).toBe(low)
  queue.unshift([low])
  expect(queue.shift()).toBe(low)
})

function makeQueue(): PriorityQueue<Entry> {
  const ranking = {
    priorityOf: ({ priority }: Entry) => priority,
    ageOf: ({ age }: Entry) => age,
  }
  return new PriorityQueue(ranking, () => new Fifo<Entry>())
}

/** The same in the simplest way: those that wait, in the order of their lines. */
class Model {
  entries: Entry[] = []
  #sinceOldest = 0
  #oldestAge = NaN
  #newestAge = NaN

  get oldest(): Entry | undefined {
    return this.#heads().toSorted((a, b) => a.age - b.age)[0]
  }

  push(entry: Entry): void {
    this.entries.push(entry)
  }

  choose(): Entry | undefined {
    const isMixed = this.entries.some(({ priority }) => priority !== 0)
    if (isMixed && this.#sinceOldest === oldestEvery - 1) return this.oldest
    return this.#heads().toSorted((a, b) => b.priority - a.priority)[0]
  }

  shift(): Entry | undefined {
    const chosen = this.choose()
    if (chosen === undefined) return undefined
    if (this.entries.some(({ priority }) => priority !== 0)) {
      this.#newestAge = chosen.age
      if (this.#sinceOldest === oldestEvery - 1) this.#oldestAge = chosen.age
      this.#sinceOldest = (this.#sinceOldest + 1) % oldestEvery
    }
    this.entries = this.entries.filter((entry) => entry !== chosen)
    return chosen
  }

  unshift(returned: readonly Entry[]): void {
    this.entries.unshift(...returned)
    for (const { age } of returned) {
      if (age === this.#oldestAge) this.#sinceOldest = oldestEvery - 1
      else if (age === this.#newestAge) this.#sinceOldest = Math.max(0, this.#sinceOldest - 1)
    }
    this.#newestAge = NaN
  }

  keep(isWanted: (entry: Entry) => boolean): Entry[] {
    const removed = this.entries.filter((entry) => !isWanted(entry))
    this.entries = this.entries.filter(isWanted)
    // Sorting is stable: each line keeps its order.
    return removed.toSorted((a, b) => b.priority - a.priority)
  }

  /** The first one of each priority. */
  #heads(): Entry[] {
    return this.entries.filter(
      (entry, index) =>
        this.entries.findIndex(({ priority }) => priority === entry.priority) === index,
    )
  }
}
