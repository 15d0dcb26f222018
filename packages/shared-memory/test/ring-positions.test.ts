import { RingReader, RingWriter } from '@mpservice/shared-memory'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeRecord, makeRing } from './ring-memory.ts'

test('a writer learns of each record when it is released, and not before', () => {
  const { memory } = makeRing(256)
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)]
  const positions = [0, 1, 2].map((seed) => write(writer, 10, seed))
  const released = (): boolean[] => positions.map((position) => writer.isReleased(position))
  writer.publish()
  expect(released()).toEqual([false, false, false])
  reader.tryRead()
  expect(released()).toEqual([false, false, false])
  reader.release()
  expect(released()).toEqual([true, false, false])
  reader.drain(() => undefined)
  expect(released()).toEqual([true, true, true])
})

test('a record that went to the start of the ring is not released with the rest before it', () => {
  const { memory } = makeRing(64)
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)]
  for (const bytes of [12, 12, 12]) write(writer, bytes, 0)
  writer.publish()
  reader.drain(() => undefined)
  const start = writer.reserve(28)
  const { position } = writer
  // The reader sees that the rest is not used, and goes past it, before the record is there.
  writer.reveal()
  expect(reader.tryTake()).toBe(undefined)
  reader.release()
  expect({ start, isReleased: writer.isReleased(position) }).toEqual({
    start: 4,
    isReleased: false,
  })
  writer.commit(28)
  writer.publish()
  expect(writer.isReleased(position)).toBe(false)
  reader.tryTake()
  expect(writer.isReleased(position)).toBe(true)
})

const start = fc
  .oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 2 ** 29 - 40, max: 2 ** 29 - 1 }))
  .map((quarter) => (quarter * 4) | 0)

test('the records that are not released are those that a new reader gets, wherever the ring wraps', () => {
  fc.assert(
    fc.property(
      start,
      fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 28 }), reads: fc.nat(3) }), {
        maxLength: 60,
      }),
      (position, steps) => {
        const { memory } = makeRing(64, { position })
        const [writer, reader] = [new RingWriter(memory), new RingReader(memory)]
        const positions: number[] = []
        for (const { bytes, reads } of steps) {
          const place = write(writer, bytes, 0)
          if (!Number.isNaN(place)) positions.push(place)
          writer.publish()
          for (let read = 0; read < reads; read++) reader.tryRead()
          if (reads > 1) reader.release()
          const left = positions.filter((each) => !writer.isReleased(each)).length
          expect(countRecords(new RingReader(memory))).toBe(left)
        }
      },
    ),
    { numRuns: 500 },
  )
})

/** Writes a record in place; gives its position, or NaN when there was no room. */
function write(writer: RingWriter, bytes: number, seed: number): number {
  const place = writer.reserve(bytes)
  const { position } = writer
  if (place < 0) return Number.NaN
  makeRecord(bytes, seed).copy(writer.target, place)
  writer.commit(bytes)
  return position
}

/** Without releasing any. */
function countRecords(reader: RingReader): number {
  let records = 0
  while (reader.tryRead() !== undefined) records++
  return records
}
