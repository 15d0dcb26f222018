import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from '../src/fifo.ts'

interface Entry {
  readonly id: number
}

test('behaves as an array does, whatever is done to it', () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 800 }) }),
    fc.record({ kind: fc.constant('shift' as const), count: fc.integer({ min: 1, max: 1_500 }) }),
    fc.record({ kind: fc.constant('unshift' as const), count: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ kind: fc.constant('keep' as const), count: fc.integer({ min: 2, max: 4 }) }),
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
      const fifo = new Fifo<Entry>()
      let model: Entry[] = []
      let nextId = 0
      for (const { kind, count } of commands) {
        const fresh = Array.from({ length: count }, () => ({ id: nextId++ }))
        if (kind === 'push') {
          for (const entry of fresh) fifo.push(entry)
          model.push(...fresh)
        } else if (kind === 'unshift') {
          fifo.unshift(fresh)
          model.unshift(...fresh)
        } else if (kind === 'shift') {
          const taken = fresh.map(() => fifo.shift())
          expect(taken).toEqual(fresh.map(() => model.shift()))
        } else {
          const removed = fifo.keep(({ id }) => id % count !== 0)
          expect(removed).toEqual(model.filter(({ id }) => id % count === 0))
          model = model.filter(({ id }) => id % count !== 0)
        }
        expect([fifo.length, fifo.peek()]).toEqual([model.length, model[0]])
      }
    }),
    { numRuns: 60 },
  )
})
