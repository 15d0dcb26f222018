import { RingReader, RingWriter } from '@mpservice/shared-memory'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeRecord, makeRing } from './ring-memory.ts'

const capacityBytes = fc.constantFrom(64, 128, 1024)
// The counts of bytes wrap at 2^32, and change their sign at 2^31.
const position = fc
  .oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 2 ** 29 - 40, max: 2 ** 29 - 1 }))
  .map((quarter) => (quarter * 4) | 0)

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('write', 'stage', 'parts', 'reserve'),
      fill: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.record({ kind: fc.constantFrom('publish', 'read', 'release', 'take', 'park') }),
    fc.record({ kind: fc.constant('drain'), maxRecords: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constantFrom('newReader', 'newWriter') }),
  ),
  { maxLength: 80 },
)

test('any sequence of writes and reads gives the same records, wherever the ring wraps', () => {
  fc.assert(
    fc.property(capacityBytes, position, fc.boolean(), steps, (capacity, start, isShared, all) => {
      const ring = makeRing(capacity, { isShared, position: start })
      let writer = new RingWriter(ring.memory)
      let reader = new RingReader(ring.memory)
      // What is in the ring according to the rules: published, staged, and read but not released.
      let published: Buffer[] = []
      let staged: Buffer[] = []
      let unreleased: Buffer[] = []
      let seed = 0

      const publish = (): void => {
        published.push(...staged)
        staged = []
      }
      const write = (record: Buffer, isStaged: boolean, hasRoom: boolean): void => {
        if (hasRoom) staged.push(record)
        if (!hasRoom || !isStaged) publish()
      }
      const expectNext = (view: Buffer | undefined): void => {
        const expected = published.shift()
        expect(view === undefined ? undefined : Buffer.from(view)).toEqual(expected)
        if (expected !== undefined) unreleased.push(expected)
      }

      for (const step of all) {
        const bytes = 'fill' in step ? Math.round(step.fill * writer.maxRecordBytes) : 0
        const record = makeRecord(bytes, seed++)
        switch (step.kind) {
          case 'write':
            write(record, false, writer.tryWrite(record))
            break
          case 'stage':
            write(record, true, writer.tryStage(record))
            break
          case 'parts':
            write(record, true, writer.tryStage([record.subarray(0, 3), record.subarray(3)]))
            break
          case 'reserve': {
            const place = writer.reserve(bytes)
            if (place >= 0) {
              record.copy(writer.target, place)
              writer.commit(bytes)
            }
            write(record, true, place >= 0)
            break
          }
          case 'publish':
            writer.publish()
            publish()
            break
          case 'read':
            expectNext(reader.tryRead())
            break
          case 'take': {
            const taken = reader.tryTake()
            expectNext(taken)
            if (taken !== undefined) unreleased = []
            break
          }
          case 'release':
            reader.release()
            unreleased = []
            break
          case 'park':
            expect(reader.park()).toBe(published.length === 0)
            reader.unpark()
            unreleased = []
            break
          case 'drain': {
            const { maxRecords } = 'maxRecords' in step ? step : { maxRecords: 1 }
            const there = Math.min(published.length, maxRecords)
            const visited = reader.drain((data, from, to) => expectNext(data.subarray(from, to)), {
              maxRecords,
            })
            expect(visited).toBe(there)
            unreleased = []
            break
          }
          case 'newReader':
            reader = new RingReader(ring.memory)
            published = [...unreleased, ...published]
            unreleased = []
            break
          case 'newWriter':
            writer = new RingWriter(ring.memory)
            staged = []
            break
          default:
            throw new Error('no such step')
        }
      }
      writer.publish()
      publish()
      while (published.length > 0) expectNext(reader.tryRead())
      expect(reader.tryRead()).toBe(undefined)
      reader.release()
      expect(writer.usedBytes).toBe(0)
    }),
    { numRuns: 2_000 },
  )
})

test('a writer that is refused is not refused for ever', () => {
  fc.assert(
    fc.property(
      capacityBytes,
      position,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 100 }),
      (capacity, start, fills) => {
        const ring = makeRing(capacity, { position: start })
        const bells = { rung: 0 }
        const writer = new RingWriter(ring.memory)
        const reader = new RingReader(ring.memory, { ringDoorbell: () => bells.rung++ })
        for (const fill of fills) {
          const record = makeRecord(Math.round(fill * writer.maxRecordBytes), 1)
          if (writer.tryWrite(record)) continue
          expect(writer.park()).toBe(true)
          bells.rung = 0
          while (bells.rung === 0) expect(reader.tryTake()).not.toBe(undefined)
          expect(writer.tryWrite(record)).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})
