import { expect, test } from 'vitest'
import { RawFrameReader, RawFrameWriter } from '../src/raw/raw-frame.ts'

const values = [
  0,
  -1.5,
  { id: 1, name: 'ä', tags: [null, true] },
  'text',
  new Uint8Array(0),
  new Uint8Array(300).fill(7),
  Number.MAX_SAFE_INTEGER,
  new Uint8Array(20_000).fill(9),
]

test.each([1, 2, 3, 4, 5, 6, 7, 64, 1000, 100_000])(
  'reads what was written, in pieces of %i bytes',
  (size) => {
    expect(read(write(values), size)).toEqual(values)
  },
)

test('writes many values at once, and large ones from where they are', () => {
  const pieces: Uint8Array[] = []
  const writer = new RawFrameWriter((bytes) => pieces.push(bytes))
  const large = new Uint8Array(100_000).fill(1)
  for (let i = 0; i < 1000; i++) writer.push(i)
  expect(pieces).toEqual([])
  writer.push(large)
  writer.flush()
  writer.flush()
  expect(pieces.map((bytes) => bytes.length)).toEqual([13_005, 100_000])
  expect(pieces[1]).toBe(large)
})

test('keeps what it has given away when it needs new memory', () => {
  const numbers = Array.from({ length: 20_000 }, (_, index) => index)
  expect(read(write(numbers), 4096)).toEqual(numbers)
})

function write(items: readonly unknown[]): Buffer {
  const pieces: Uint8Array[] = []
  const writer = new RawFrameWriter((bytes) => pieces.push(bytes))
  for (const item of items) writer.push(item)
  writer.flush()
  return Buffer.concat(pieces)
}

function read(bytes: Buffer, size: number): unknown[] {
  const reader = new RawFrameReader()
  const found: unknown[] = []
  for (let start = 0; start < bytes.length; start += size) {
    reader.push(bytes.subarray(start, start + size), (value) => {
      // A Buffer differs from a plain array of bytes by its class.
      found.push(value instanceof Uint8Array ? new Uint8Array(value) : value)
    })
  }
  return found
}
