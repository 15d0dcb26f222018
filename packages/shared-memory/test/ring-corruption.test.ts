import { Worker } from 'node:worker_threads'
import { RingCorruptedError, RingReader, RingWriter } from '@mpservice/shared-memory'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headerBytes, makeRecord, makeRing, type TestRing, words } from './ring-memory.ts'

const anyWord = fc.oneof(
  fc.constantFrom(-1, 0, 1, 3, 4, 28, 60, 64, 68, 2 ** 31 - 1, -(2 ** 31), -4, -5),
  fc.integer(),
)

describe('a reader', () => {
  test.each([
    { what: 'beyond the end of the record', length: 9 },
    { what: 'beyond the end of the ring', length: 64 },
    { what: 'negative', length: -2 },
    { what: 'huge', length: 2 ** 31 - 1 },
    { what: 'a skip at the start', length: -1 },
  ])('refuses a length that is $what', ({ length }) => {
    const ring = makeRing(64)
    const reader = ringWithRecord(ring)
    ring.view[headerBytes / 4] = length
    const error = new RingCorruptedError({ part: 'length', value: length })
    expect(() => reader.tryRead()).toThrow(error)
    expect(error.message).toBe(`a ring is corrupted: its length cannot be ${length}`)
  })

  test('refuses a skip that goes beyond what was written', () => {
    const ring = makeRing(64, { position: 48 })
    const reader = ringWithRecord(ring)
    ring.view[headerBytes / 4 + 12] = -1
    expect(() => reader.tryRead()).toThrow(new RingCorruptedError({ part: 'length', value: -1 }))
  })

  test.each([1, 68, -4, 2 ** 31 - 4])('refuses a tail at %d', (tail) => {
    const ring = makeRing(64)
    const reader = new RingReader(ring.memory)
    ring.view[words.tail] = tail
    expect(() => reader.tryRead()).toThrow(new RingCorruptedError({ part: 'tail', value: tail }))
  })

  test('refuses a tail that comes over records that are not released', () => {
    const ring = makeRing(64)
    const reader = ringWithRecord(ring)
    expect(reader.tryRead()).toEqual(makeRecord(8, 1))
    ring.view[words.tail] = 68
    expect(() => reader.tryRead()).toThrow(new RingCorruptedError({ part: 'tail', value: 68 }))
  })

  test('stays closed to a ring that was corrupted once', () => {
    const ring = makeRing(64)
    const reader = ringWithRecord(ring)
    ring.view[words.tail] = 1
    const error = new RingCorruptedError({ part: 'tail', value: 1 })
    expect(() => reader.drain(() => undefined)).toThrow(error)
    ring.view[words.tail] = 12
    expect(() => reader.tryRead()).toThrow(error)
    expect(() => reader.tryTake()).toThrow(error)
    expect(() => reader.drain(() => undefined)).toThrow(error)
    expect(() => reader.park()).toThrow(error)
  })
})

describe('a writer', () => {
  test.each([1, 68, 4, -(2 ** 31)])('refuses a head at %d', (head) => {
    const ring = makeRing(64)
    const writer = new RingWriter(ring.memory)
    ring.view[words.head] = head
    const error = new RingCorruptedError({ part: 'head', value: head })
    expect(() => writer.tryWrite(makeRecord(8, 1))).toThrow(error)
    ring.view[words.head] = 0
    expect(() => writer.tryWrite(makeRecord(8, 1))).toThrow(error)
    expect(() => writer.reserve(8)).toThrow(error)
    expect(() => writer.park()).toThrow(error)
  })
})

test('words written over at any place and time make nothing worse than the named error', () => {
  const seen = { failures: 0, steps: 0 }
  const step = fc.oneof(
    fc.record({ kind: fc.constant('write'), bytes: fc.integer({ min: 0, max: 28 }) }),
    fc.record({ kind: fc.constantFrom('read', 'take', 'drain', 'release', 'park') }),
    fc.record({
      kind: fc.constant('scribble'),
      // Mostly where it matters: the shared words, and the data.
      word: fc.oneof(
        fc.constantFrom(...Object.values(words)),
        fc.integer({ min: headerBytes / 4, max: headerBytes / 4 + 15 }),
        fc.integer({ min: 0, max: headerBytes / 4 + 15 }),
      ),
      value: anyWord,
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (all) => {
      const ring = makeRing(64)
      const writer = new RingWriter(ring.memory)
      const reader = new RingReader(ring.memory)
      for (const each of all) {
        seen.steps++
        if ('word' in each) {
          ring.view[each.word] = each.value
          continue
        }
        const failure = tolerate(() => {
          if ('bytes' in each) writer.tryWrite(makeRecord(each.bytes, 1))
          else readOnce(reader, each.kind)
        })
        if (failure !== undefined) seen.failures++
      }
    }),
    { numRuns: 20_000 },
  )
  expect(seen.failures).toBeGreaterThan(1_000)
  expect(seen.steps - seen.failures).toBeGreaterThan(1_000)
})

test('a thread that writes over the ring all the time makes nothing worse than the named error', async () => {
  const ring = makeRing(256, { isShared: true })
  const scribbler = new Worker(new URL('./fixtures/scribbler.js', import.meta.url), {
    workerData: { memory: ring.memory, firstWord: 1 },
  })
  await new Promise((resolve) => scribbler.once('message', resolve))
  const deadline = performance.now() + 1_000
  let rounds = 0
  let corrupted = 0
  while (performance.now() < deadline) {
    rounds++
    const failure = tolerate(() => {
      const reader = new RingReader(ring.memory)
      const writer = new RingWriter(ring.memory)
      for (let count = 0; count < 20; count++) {
        writer.tryWrite(makeRecord(count * 6, count))
        readOnce(reader, 'drain')
        readOnce(reader, 'take')
      }
    })
    if (failure !== undefined) corrupted++
    // Restored, so that many rounds come further than to its layout.
    ring.view[words.magic + 1] = 256
    ring.view[words.tail] = 0
    ring.view[words.head] = 0
  }
  await scribbler.terminate()
  expect(rounds).toBeGreaterThan(100)
  expect(corrupted).toBeGreaterThan(0)
})

/** A reader of a ring with one record of 8 bytes. */
function ringWithRecord(ring: TestRing): RingReader {
  new RingWriter(ring.memory).tryWrite(makeRecord(8, 1))
  return new RingReader(ring.memory)
}

function readOnce(reader: RingReader, how: string): void {
  if (how === 'read') assertInside(reader.tryRead()?.length ?? 0)
  if (how === 'take') assertInside(reader.tryTake()?.length ?? 0)
  if (how === 'release') reader.release()
  if (how === 'park') {
    reader.park()
    reader.unpark()
  }
  if (how !== 'drain') return
  let visits = 0
  reader.drain((data, start, end) => {
    // More than this many do not fit, whatever their lengths say.
    if (++visits > reader.capacityBytes / 4) throw new Error('there is no end to the records')
    if (start < 4 || end < start || end > data.length) throw new Error(`${start} to ${end}`)
  })
}

function assertInside(length: number): void {
  if (length > 256) throw new Error(`a record of ${length} bytes does not come from this ring`)
}

/** Gives the named error; any other one comes out. */
function tolerate(work: () => unknown): RingCorruptedError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof RingCorruptedError) return error
    throw error
  }
}
