import {
  RecordTooLargeError,
  RingReader,
  type RingOptions,
  RingWriter,
} from '@mpservice/shared-memory'
import { describe, expect, test } from 'vitest'
import { makeRecord, makeRing, type TestRing, words } from './ring-memory.ts'

describe.each([{ isShared: false }, { isShared: true }])('shared: $isShared', ({ isShared }) => {
  test('records arrive whole and in order', () => {
    const { writer, reader } = open(makeRing(256, { isShared }))
    const records = [makeRecord(0, 1), makeRecord(1, 2), makeRecord(50, 3), makeRecord(4, 4)]
    expect(records.map((record) => writer.tryWrite(record))).toEqual([true, true, true, true])
    expect(readAll(reader)).toEqual(records)
    expect(reader.tryRead()).toBe(undefined)
  })

  test('records are copied out of the ring', () => {
    const { writer, reader } = open(makeRing(64, { isShared }))
    writer.tryWrite(Buffer.from('first'))
    const taken = reader.tryTake()
    for (let round = 0; round < 20; round++) {
      writer.tryWrite(Buffer.from('other'))
      expect(reader.tryTake()).toEqual(Buffer.from('other'))
    }
    expect(taken).toEqual(Buffer.from('first'))
    expect(reader.tryTake()).toBe(undefined)
  })
})

test('a record may be given in parts', () => {
  const { writer, reader } = open(makeRing(64))
  expect(writer.tryWrite([Buffer.from('one '), Buffer.from(''), Buffer.from('two')])).toBe(true)
  expect(writer.tryWrite([])).toBe(true)
  expect(readAll(reader)).toEqual([Buffer.from('one two'), Buffer.from('')])
})

test('a full ring refuses a record and loses nothing', () => {
  const { writer, reader } = open(makeRing(64))
  const written = []
  while (writer.tryWrite(makeRecord(12, written.length))) written.push(written.length)
  expect(written).toHaveLength(4)
  expect(writer.usedBytes).toBe(64)
  expect(readAll(reader)).toEqual(written.map((seed) => makeRecord(12, seed)))
  expect(writer.tryWrite(makeRecord(12, 9))).toBe(false)
  reader.release()
  expect(writer.usedBytes).toBe(0)
  expect(writer.tryWrite(makeRecord(12, 9))).toBe(true)
  expect(readAll(reader)).toEqual([makeRecord(12, 9)])
})

test('the largest record fits at every place of an empty ring', () => {
  for (let place = 0; place < 64; place += 4) {
    const { writer, reader } = open(makeRing(64, { position: place - 64 }))
    expect(writer.maxRecordBytes).toBe(28)
    expect(writer.tryWrite(makeRecord(28, place))).toBe(true)
    expect(reader.tryTake()).toEqual(makeRecord(28, place))
  }
})

test('a record that is too large for the ring is refused by its name', () => {
  const { writer, reader } = open(makeRing(64))
  const error = new RecordTooLargeError({ bytes: 29, maxRecordBytes: 28 })
  expect(() => writer.tryWrite(Buffer.alloc(29))).toThrow(error)
  expect(() => writer.tryWrite([Buffer.alloc(20), Buffer.alloc(9)])).toThrow(error)
  expect(() => writer.reserve(29)).toThrow(error)
  expect(error.message).toBe('a record of 29 bytes is over the limit of 28 bytes for this ring')
  expect(reader.tryRead()).toBe(undefined)
})

test('staged records are seen after they are published', () => {
  const { writer, reader } = open(makeRing(64))
  writer.tryStage(Buffer.from('a'))
  writer.tryStage(Buffer.from('b'))
  expect(reader.hasRecords).toBe(false)
  expect(reader.tryRead()).toBe(undefined)
  writer.publish()
  expect(reader.hasRecords).toBe(true)
  expect(readAll(reader)).toEqual([Buffer.from('a'), Buffer.from('b')])
})

test('staged records are published when there is no room for another one', () => {
  const { writer, reader } = open(makeRing(64))
  let staged = 0
  while (writer.tryStage(makeRecord(12, staged))) staged++
  expect(readAll(reader)).toEqual([0, 1, 2, 3].map((seed) => makeRecord(12, seed)))
})

describe('a reservation', () => {
  test('is written in place', () => {
    const { writer, reader } = open(makeRing(256))
    for (const text of ['first', 'a second one', '']) {
      const start = writer.reserve(4)
      writer.commit(writer.target.write(text, start))
    }
    expect(reader.tryRead()).toBe(undefined)
    writer.publish()
    expect(readAll(reader).map(String)).toEqual(['first', 'a second one', ''])
  })

  test('reaches as far as there is room', () => {
    const { writer, reader } = open(makeRing(64))
    writer.tryWrite(makeRecord(12, 1))
    reader.tryRead()
    const start = writer.reserve(1)
    expect(writer.target.length - start).toBe(64 - 16 - 4)
    writer.commit(28)
    expect(writer.reserve(1)).toBe(16 + 32 + 4)
    expect(writer.target.length - (16 + 32 + 4)).toBe(12)
  })

  test('is refused when the ring is full', () => {
    const { writer } = open(makeRing(64))
    while (writer.tryWrite(makeRecord(12, 1)));
    expect(writer.reserve(0)).toBe(-1)
    expect(() => writer.commit(0)).toThrow(RangeError)
  })

  test('is void after another write, and after it was used', () => {
    const { writer, reader } = open(makeRing(64))
    writer.reserve(8)
    writer.tryWrite(Buffer.from('other'))
    expect(() => writer.commit(8)).toThrow(
      new RangeError('there is no reservation for 8 bytes in this ring'),
    )
    writer.reserve(8)
    writer.commit(0)
    expect(() => writer.commit(0)).toThrow(RangeError)
    writer.reserve(8)
    expect(() => writer.tryWrite(makeRecord(29, 0))).toThrow(RecordTooLargeError)
    expect(() => writer.commit(8)).toThrow(RangeError)
    writer.publish()
    expect(readAll(reader).map(String)).toEqual(['other', ''])
  })

  test.each([-1, 1.5, Number.NaN, 61, 2 ** 32])('cannot become a record of %d bytes', (bytes) => {
    const { writer } = open(makeRing(64))
    writer.reserve(8)
    expect(() => writer.commit(bytes)).toThrow(RangeError)
  })

  test('cannot become a record that might not fit elsewhere', () => {
    const { writer } = open(makeRing(64))
    writer.reserve(8)
    expect(() => writer.commit(29)).toThrow(RecordTooLargeError)
  })
})

describe('draining', () => {
  test('visits in place what was there when it began', () => {
    const { writer, reader } = open(makeRing(256))
    const seen: string[] = []
    for (const text of ['a', 'bc', '']) writer.tryWrite(Buffer.from(text))
    const visited = reader.drain((bytes, start, end) => {
      seen.push(bytes.toString('latin1', start, end))
      writer.tryWrite(Buffer.from('later'))
    })
    expect({ visited, seen }).toEqual({ visited: 3, seen: ['a', 'bc', ''] })
    expect(reader.drain(() => undefined)).toBe(3)
    expect(reader.drain(() => undefined)).toBe(0)
    expect(writer.usedBytes).toBe(0)
  })

  test('ends after so many records', () => {
    const { writer, reader } = open(makeRing(256))
    for (let count = 0; count < 5; count++) writer.tryWrite(Buffer.from('x'))
    expect(reader.drain(() => undefined, { maxRecords: 2 })).toBe(2)
    expect(writer.usedBytes).toBe(3 * 8)
    expect(reader.drain(() => undefined)).toBe(3)
  })

  test('makes room while it goes on', () => {
    const { writer, reader } = open(makeRing(64))
    while (writer.tryWrite(makeRecord(12, 0)));
    const room: boolean[] = []
    reader.drain(() => room.push(writer.tryWrite(makeRecord(12, 1))))
    expect(room).toEqual([false, true, true, true])
  })

  test('counts a record as read whose visit throws', () => {
    const { writer, reader } = open(makeRing(256))
    for (const text of ['a', 'b', 'c']) writer.tryWrite(Buffer.from(text))
    const visit = (bytes: Buffer, start: number): void => {
      if (bytes[start] === 0x62) throw new Error('b is bad')
    }
    expect(() => reader.drain(visit)).toThrow(new Error('b is bad'))
    expect(readAll(reader).map(String)).toEqual(['c'])
  })

  test('does not let a visit read, release or park', () => {
    const { writer, reader } = open(makeRing(256))
    writer.tryWrite(Buffer.from('a'))
    const error = new Error('a ring is read while its records are being visited')
    expect(() => reader.drain(() => reader.tryRead())).toThrow(error)
    writer.tryWrite(Buffer.from('b'))
    expect(() => reader.drain(() => reader.drain(() => undefined))).toThrow(error)
    writer.tryWrite(Buffer.from('c'))
    expect(() => reader.drain(() => reader.tryTake())).toThrow(error)
    writer.tryWrite(Buffer.from('d'))
    expect(() => reader.drain(() => reader.release())).toThrow(error)
    writer.tryWrite(Buffer.from('e'))
    expect(() => reader.drain(() => reader.park())).toThrow(error)
  })
})

describe('doorbells', () => {
  test('ring once for each time the reader parks', () => {
    const { writer, reader, bells } = open(makeRing(256))
    writer.tryWrite(Buffer.from('nobody waits'))
    reader.drain(() => undefined)
    expect(reader.park()).toBe(true)
    expect(bells).toEqual({ reader: 0, writer: 0 })
    writer.tryWrite(Buffer.from('a'))
    writer.tryWrite(Buffer.from('b'))
    expect(bells).toEqual({ reader: 1, writer: 0 })
    reader.unpark()
    expect(reader.drain(() => undefined)).toBe(2)
    writer.tryWrite(Buffer.from('c'))
    expect(bells).toEqual({ reader: 1, writer: 0 })
  })

  test('a reader may not sleep while there are records', () => {
    const { writer, reader, bells } = open(makeRing(256))
    writer.tryWrite(Buffer.from('a'))
    expect(reader.park()).toBe(false)
    writer.tryWrite(Buffer.from('b'))
    expect(bells).toEqual({ reader: 0, writer: 0 })
    reader.tryRead()
    expect(reader.park()).toBe(false)
    reader.tryRead()
    expect(reader.park()).toBe(true)
    expect(writer.usedBytes).toBe(0)
  })

  test('wake a writer when its record fits and half of the ring is free', () => {
    const { writer, reader, bells } = open(makeRing(64))
    while (writer.tryWrite(makeRecord(12, 0)));
    expect(writer.park()).toBe(true)
    reader.tryTake()
    expect(bells.writer).toBe(0)
    reader.tryTake()
    expect(bells.writer).toBe(1)
    reader.tryTake()
    expect(bells.writer).toBe(1)
    writer.unpark()
    expect(writer.tryWrite(makeRecord(12, 0))).toBe(true)
  })

  test('a writer may not sleep while there is room for the record that was refused', () => {
    const { writer, reader } = open(makeRing(64))
    while (writer.tryWrite(makeRecord(12, 0)));
    reader.tryTake()
    expect(writer.park()).toBe(false)
    expect(writer.tryWrite(makeRecord(12, 0))).toBe(true)
  })

  test('what was staged is published before the writer sleeps', () => {
    const { writer, reader } = open(makeRing(64))
    for (const seed of [0, 1, 2, 3]) writer.tryStage(makeRecord(12, seed))
    expect(reader.hasRecords).toBe(false)
    expect(writer.park()).toBe(true)
    expect(readAll(reader)).toHaveLength(4)
  })

  test('a side that parks again before it was taken off is woken again', () => {
    const ring = makeRing(256)
    let bells = 0
    const reader = new RingReader(ring.memory)
    const ringDoorbell = (): void => {
      bells++
      if (bells > 1) return
      // The reader wakes up at once, and has gone back to sleep before the writer goes on.
      reader.unpark()
      expect(readAll(reader).map(String)).toEqual(['a'])
      expect(reader.park()).toBe(true)
    }
    const writer = new RingWriter(ring.memory, { ringDoorbell })
    expect(reader.park()).toBe(true)
    writer.tryWrite(Buffer.from('a'))
    writer.tryWrite(Buffer.from('b'))
    expect(bells).toBe(2)
  })

  test('what a doorbell throws comes out after the work is done', () => {
    const ring = makeRing(256)
    const broken = new Error('the pipe is broken')
    const ringDoorbell = (): never => {
      throw broken
    }
    const writer = new RingWriter(ring.memory, { ringDoorbell })
    const reader = new RingReader(ring.memory)
    reader.park()
    expect(() => writer.tryWrite(Buffer.from('a'))).toThrow(broken)
    expect(readAll(reader)).toEqual([Buffer.from('a')])
  })
})

describe('a side that takes over', () => {
  test('as a reader gets what was not released', () => {
    const ring = makeRing(256)
    const { writer, reader } = open(ring)
    for (const text of ['a', 'b', 'c']) writer.tryWrite(Buffer.from(text))
    expect(reader.tryTake()).toEqual(Buffer.from('a'))
    expect(reader.tryRead()).toEqual(Buffer.from('b'))
    expect(readAll(new RingReader(ring.memory)).map(String)).toEqual(['b', 'c'])
  })

  test('as a writer goes on after what was published', () => {
    const ring = makeRing(256)
    const { writer, reader } = open(ring)
    writer.tryWrite(Buffer.from('a'))
    writer.tryStage(Buffer.from('never published'))
    new RingWriter(ring.memory).tryWrite(Buffer.from('b'))
    expect(readAll(reader).map(String)).toEqual(['a', 'b'])
  })
})

describe('a side that takes over from one that was killed before it rang', () => {
  test('as a writer wakes the reader', () => {
    const ring = makeRing(256)
    new RingWriter(ring.memory).tryWrite(Buffer.from('a'))
    const tail = ring.view[words.tail] ?? 0
    ring.view[words.tail] = 0
    const reader = new RingReader(ring.memory)
    expect(reader.park()).toBe(true)
    ring.view[words.tail] = tail
    const bells = { rung: 0 }
    const writer = new RingWriter(ring.memory, { ringDoorbell: () => bells.rung++ })
    expect(bells.rung).toBe(1)
    expect(writer.usedBytes).toBe(8)
  })

  test('as a reader wakes the writer', () => {
    const ring = makeRing(64)
    const writer = new RingWriter(ring.memory)
    while (writer.tryWrite(makeRecord(12, 0)));
    expect(writer.park()).toBe(true)
    const bells = { rung: 0 }
    const options: RingOptions = { ringDoorbell: () => bells.rung++ }
    expect(new RingReader(ring.memory, options).hasRecords).toBe(true)
    expect(bells.rung).toBe(0)
    ring.view[words.head] = 32
    expect(new RingReader(ring.memory, options).hasRecords).toBe(true)
    expect(bells.rung).toBe(1)
  })

  test('or while it rang, finds the other side still parked', () => {
    const ring = makeRing(256)
    const reader = new RingReader(ring.memory)
    reader.park()
    const killed = new Error('killed')
    const victim = (): RingWriter =>
      new RingWriter(ring.memory, {
        ringDoorbell: () => {
          throw killed
        },
      })
    expect(victim).toThrow(killed)
    const bells = { rung: 0 }
    const writer = new RingWriter(ring.memory, { ringDoorbell: () => bells.rung++ })
    expect(bells.rung).toBe(1)
    writer.tryWrite(Buffer.from('a'))
    expect(bells.rung).toBe(1)
  })
})

interface OpenRing {
  readonly writer: RingWriter
  readonly reader: RingReader
  /** How often each side was woken. */
  readonly bells: { reader: number; writer: number }
}

function open({ memory }: TestRing): OpenRing {
  const bells = { reader: 0, writer: 0 }
  const forReader: RingOptions = { ringDoorbell: () => (bells.reader += 1) }
  const forWriter: RingOptions = { ringDoorbell: () => (bells.writer += 1) }
  return {
    writer: new RingWriter(memory, forReader),
    reader: new RingReader(memory, forWriter),
    bells,
  }
}

function readAll(reader: RingReader): Buffer[] {
  const records: Buffer[] = []
  for (let view = reader.tryRead(); view !== undefined; view = reader.tryRead()) {
    records.push(Buffer.from(view))
  }
  return records
}
