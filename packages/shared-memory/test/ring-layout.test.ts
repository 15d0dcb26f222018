import {
  initializeRing,
  RingCorruptedError,
  ringMemoryBytes,
  RingReader,
  RingWriter,
} from '@mpservice/shared-memory'
import { describe, expect, test } from 'vitest'
import { makeRing, words } from './ring-memory.ts'

test.each([
  { capacityBytes: 1, memoryBytes: 704 },
  { capacityBytes: 64, memoryBytes: 704 },
  { capacityBytes: 65, memoryBytes: 768 },
  { capacityBytes: 1024, memoryBytes: 1664 },
  { capacityBytes: 1_000_000, memoryBytes: 1_049_216 },
  { capacityBytes: 2 ** 30, memoryBytes: 2 ** 30 + 640 },
])('a ring for $capacityBytes bytes takes $memoryBytes', ({ capacityBytes, memoryBytes }) => {
  expect(ringMemoryBytes(capacityBytes)).toBe(memoryBytes)
})

test.each([0, -1, 1.5, Number.NaN, 2 ** 30 + 1])(
  'no ring has a capacity of %d',
  (capacityBytes) => {
    expect(() => ringMemoryBytes(capacityBytes)).toThrow(RangeError)
  },
)

test.each([0, 640, 703, 705, 1000])('%d bytes are no memory for a ring', (bytes) => {
  expect(() => initializeRing(new Uint8Array(bytes))).toThrow(
    new RangeError(
      `${bytes} bytes are no memory for a ring: it takes ringMemoryBytes(capacityBytes) bytes`,
    ),
  )
})

test('a ring cannot begin between two words', () => {
  const memory = new Uint8Array(new ArrayBuffer(1000), 2, 704)
  expect(() => initializeRing(memory)).toThrow(
    new RangeError('a ring cannot begin at byte 2 of its buffer'),
  )
})

test('a ring may begin inside of its buffer', () => {
  const buffer = new ArrayBuffer(2000)
  const memory = new Uint8Array(buffer, 128, 704)
  initializeRing(memory)
  new RingWriter(memory).tryWrite(Buffer.from('inside'))
  expect(new RingReader(memory).tryRead()).toEqual(Buffer.from('inside'))
  expect(new Uint8Array(buffer, 0, 128)).toEqual(new Uint8Array(128))
  expect(new Uint8Array(buffer, 832)).toEqual(new Uint8Array(2000 - 832))
})

test('what was there before is gone after a ring was initialised', () => {
  const { memory } = makeRing(64)
  new RingWriter(memory).tryWrite(Buffer.from('old'))
  initializeRing(memory)
  expect(new RingReader(memory).tryRead()).toBe(undefined)
})

describe.each([
  { side: 'writer', open: (memory: Uint8Array) => new RingWriter(memory) },
  { side: 'reader', open: (memory: Uint8Array) => new RingReader(memory) },
])('a $side', ({ open }) => {
  test('refuses memory that was not initialised', () => {
    expect(() => open(new Uint8Array(704))).toThrow(
      new RingCorruptedError({ part: 'layout', value: 0 }),
    )
  })

  test('refuses memory that was initialised for another size', () => {
    const { memory } = makeRing(1024)
    expect(() => open(memory.subarray(0, 704))).toThrow(
      new RingCorruptedError({ part: 'layout', value: 1024 }),
    )
  })

  test.each([
    { head: 0, tail: 1 },
    { head: 1, tail: 1 },
    { head: 4, tail: 0 },
    { head: 0, tail: 68 },
    { head: 0, tail: 2 ** 31 - 4 },
    { head: 8, tail: -(2 ** 31) },
  ])('refuses a ring with its head at $head and its tail at $tail', ({ head, tail }) => {
    const { memory, view } = makeRing(64)
    view[words.head] = head
    view[words.tail] = tail
    expect(() => open(memory)).toThrow(RingCorruptedError)
  })
})
