import { RingReader, type RingOptions, RingWriter } from '@mpservice/shared-memory'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeRecord, makeRing, words } from './ring-memory.ts'

describe('records that are revealed', () => {
  test('are visible at once, and wake the reader when it is asked for', () => {
    const { writer, reader, bells } = open(256)
    expect(reader.park()).toBe(true)
    writer.tryStage(Buffer.from('a'))
    writer.reveal()
    expect(reader.hasRecords).toBe(true)
    writer.tryStage(Buffer.from('b'))
    writer.reveal()
    expect(bells.rung).toBe(0)
    writer.wakeReader()
    expect(bells.rung).toBe(1)
    writer.wakeReader()
    expect(bells.rung).toBe(1)
    expect(readAll(reader)).toEqual(['a', 'b'])
  })

  test('outlive the writer, and the next one wakes the reader', () => {
    const { memory, writer, reader } = open(256)
    expect(reader.park()).toBe(true)
    writer.tryStage(Buffer.from('revealed'))
    writer.reveal()
    writer.tryStage(Buffer.from('staged'))
    const bells = { rung: 0 }
    const next = new RingWriter(memory, { ringDoorbell: () => bells.rung++ })
    expect({ rung: bells.rung, isParked: next.isReaderParked }).toEqual({
      rung: 1,
      isParked: false,
    })
    expect(readAll(reader)).toEqual(['revealed'])
  })

  test.each<[string, (writer: RingWriter) => unknown]>([
    ['publish', (writer) => writer.publish()],
    ['a write', (writer) => writer.tryWrite(Buffer.from('x'))],
    ['a refused write', (writer) => writer.tryWrite(makeRecord(28, 0))],
    ['a refused stage', (writer) => writer.tryStage(makeRecord(28, 0))],
    ['a refused reservation', (writer) => writer.reserve(28)],
    ['park', (writer) => writer.park()],
  ])('wake the reader at the latest with %s', (_name, act) => {
    const { writer, reader, bells } = open(64)
    expect(reader.park()).toBe(true)
    for (const seed of [0, 1, 2]) writer.tryStage(makeRecord(12, seed))
    writer.reveal()
    expect(bells.rung).toBe(0)
    act(writer)
    expect(bells.rung).toBe(1)
  })

  test('do not wake a reader that has read them without having been woken', () => {
    const { writer, reader, bells } = open(256)
    expect(reader.park()).toBe(true)
    writer.tryStage(Buffer.from('a'))
    writer.reveal()
    reader.unpark()
    expect(readAll(reader)).toEqual(['a'])
    expect(reader.park()).toBe(true)
    writer.wakeReader()
    expect({ bells, isParked: writer.isReaderParked }).toEqual({
      bells: { rung: 0 },
      isParked: true,
    })
  })

  test('are not those that are only staged', () => {
    const { writer, reader, bells } = open(256)
    expect(reader.park()).toBe(true)
    writer.tryStage(Buffer.from('a'))
    writer.wakeReader()
    expect({ bells, hasRecords: reader.hasRecords }).toEqual({
      bells: { rung: 0 },
      hasRecords: false,
    })
  })
})

test('a writer sees whether the reader is parked, until it rings for it', () => {
  const { writer, reader } = open(256)
  const seen = [writer.isReaderParked]
  reader.park()
  seen.push(writer.isReaderParked)
  reader.unpark()
  seen.push(writer.isReaderParked)
  reader.park()
  writer.tryWrite(Buffer.from('a'))
  seen.push(writer.isReaderParked)
  expect(seen).toEqual([false, true, false, false])
})

test('a bell that cannot be rung is owed further on', () => {
  const { memory } = open(256)
  const bells = { rung: 0, isBroken: true }
  const broken = new Error('the pipe is full')
  const ringDoorbell = (): void => {
    if (bells.isBroken) throw broken
    bells.rung++
  }
  const writer = new RingWriter(memory, { ringDoorbell })
  const reader = new RingReader(memory)
  reader.park()
  writer.tryStage(Buffer.from('a'))
  writer.reveal()
  expect(() => writer.wakeReader()).toThrow(broken)
  expect(() => writer.publish()).toThrow(broken)
  expect(writer.isReaderParked).toBe(true)
  bells.isBroken = false
  writer.wakeReader()
  expect({ rung: bells.rung, isParked: writer.isReaderParked }).toEqual({
    rung: 1,
    isParked: false,
  })
})

const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('stage', 'write', 'reserve'),
    bytes: fc.integer({ min: 0, max: 28 }),
  }),
  fc.record({
    kind: fc.constantFrom('reveal', 'wake', 'publish', 'parkWriter', 'parkReader', 'read', 'drain'),
    bytes: fc.constant(0),
  }),
)
const position = fc.integer({ min: -40, max: 40 }).map((quarter) => (quarter * 4) | 0)

test('the bell rings once for each time the reader parks and a wake-up comes with unread records', () => {
  fc.assert(
    fc.property(position, fc.array(step, { maxLength: 80 }), (start, steps) => {
      const { writer, reader, bells } = open(64, start)
      // What there is according to the rules.
      let staged = 0
      let visible = 0
      let isParked = false
      let rung = 0

      const reveal = (): void => {
        visible += staged
        staged = 0
      }
      const wake = (): void => {
        if (!isParked || visible === 0) return
        isParked = false
        rung++
      }
      const publish = (): void => {
        reveal()
        wake()
      }
      const isOver = (hasRoom: boolean): void => {
        if (hasRoom) staged++
        else publish()
      }
      const wakeUp = (): void => {
        reader.unpark()
        isParked = false
      }

      for (const { kind, bytes } of steps) {
        switch (kind) {
          case 'stage':
            isOver(writer.tryStage(makeRecord(bytes, 0)))
            break
          case 'write':
            isOver(writer.tryWrite(makeRecord(bytes, 0)))
            publish()
            break
          case 'reserve': {
            const hasRoom = writer.reserve(bytes) >= 0
            if (hasRoom) writer.commit(bytes)
            isOver(hasRoom)
            break
          }
          case 'reveal':
            writer.reveal()
            reveal()
            break
          case 'wake':
            writer.wakeReader()
            wake()
            break
          case 'publish':
            writer.publish()
            publish()
            break
          case 'parkWriter':
            writer.park()
            writer.unpark()
            publish()
            break
          case 'parkReader':
            isParked = reader.park()
            expect(isParked).toBe(visible === 0)
            break
          case 'read':
            wakeUp()
            if (reader.tryTake() !== undefined) visible--
            break
          default:
            wakeUp()
            visible -= reader.drain(() => undefined)
        }
        expect({ rung: bells.rung, isParked: writer.isReaderParked }).toEqual({ rung, isParked })
        expect(reader.hasRecords).toBe(visible > 0)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a visit may write to other rings', () => {
  const inlets = [open(256), open(256)]
  const outlets = [open(64), open(64)]
  for (const [index, { writer }] of inlets.entries()) {
    for (let count = 0; count < 6; count++)
      writer.tryStage(Buffer.from(`record ${count} of ${index}`))
    writer.publish()
  }
  const arrived: string[][] = [[], []]
  for (const [index, { reader }] of inlets.entries()) {
    const outlet = outlets[index]
    if (outlet === undefined) throw new Error('each ring has another one')
    outlet.reader.park()
    reader.drain((bytes, start, end) => {
      const record = bytes.subarray(start, end)
      while (!outlet.writer.tryStage(record)) arrived[index]?.push(...readAll(outlet.reader))
      outlet.writer.reveal()
    })
    outlet.writer.wakeReader()
    arrived[index]?.push(...readAll(outlet.reader))
    expect(outlet.bells.rung).toBe(1)
  }
  const expected = (index: number): string[] =>
    Array.from({ length: 6 }, (_, count) => `record ${count} of ${index}`)
  expect(arrived).toEqual([expected(0), expected(1)])
})

test('a visit that throws ends the drain wherever it wrote to', () => {
  const inlet = open(256)
  const outlet = open(64)
  for (const text of ['a', 'b', 'c']) inlet.writer.tryWrite(Buffer.from(text))
  const full = new Error('that is enough')
  const visit = (bytes: Buffer, start: number, end: number): void => {
    outlet.writer.tryWrite(bytes.subarray(start, end))
    if (bytes[start] === 0x62) throw full
  }
  expect(() => inlet.reader.drain(visit)).toThrow(full)
  expect(readAll(outlet.reader)).toEqual(['a', 'b'])
  expect(readAll(inlet.reader)).toEqual(['c'])
  expect(inlet.view[words.tail]).toBe(inlet.view[words.head])
})

interface OpenRing {
  readonly memory: Uint8Array
  readonly view: Int32Array
  readonly writer: RingWriter
  readonly reader: RingReader
  /** How often the reader was woken. */
  readonly bells: { rung: number }
}

function open(capacityBytes: number, start = 0): OpenRing {
  const ring = makeRing(capacityBytes, { position: start })
  const bells = { rung: 0 }
  const options: RingOptions = { ringDoorbell: () => bells.rung++ }
  const reader = new RingReader(ring.memory)
  return { ...ring, writer: new RingWriter(ring.memory, options), reader, bells }
}

function readAll(reader: RingReader): string[] {
  const records: string[] = []
  reader.drain((bytes, start, end) => records.push(bytes.toString('latin1', start, end)))
  return records
}
