import { isDeepStrictEqual } from 'node:util'
import { createCodec } from '@mpservice/wire'
import * as fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { expect, test } from 'vitest'

const codec = createCodec({ peer: 'remote' })
// What MessagePack has in all languages; -0, Date and Buffer are where the libraries differ.
const common = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    fc.integer(),
    fc.double({ noNaN: true }).map((number) => (number === 0 ? 0 : number)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 40 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
})).value

test('another library for MessagePack reads what is written here', () => {
  const reader = new Unpackr({ useRecords: false, int64AsType: 'number' })
  fc.assert(
    fc.property(common, (value) => {
      expect(isDeepStrictEqual(reader.unpack(codec.encode(value)), value)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('what another library for MessagePack writes is read here', () => {
  const writer = new Packr({ useRecords: false, variableMapSize: true })
  fc.assert(
    fc.property(common, (value) => {
      expect(isDeepStrictEqual(codec.decode(writer.pack(value)), value)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('encodings that are not written here are read', () => {
  const read = (hex: string): unknown => codec.decode(Buffer.from(hex, 'hex'))
  expect(read('ca3fc00000')).toBe(1.5)
  expect(read('cb3ff8000000000000')).toBe(1.5)
  expect(read('cd0005')).toBe(5)
  expect(read('cf0000000000000005')).toBe(5)
  expect(read('d3ffffffffffffffff')).toBe(-1)
  expect(read('d0ff')).toBe(-1)
  expect(read('d1ffff')).toBe(-1)
  expect(read('d2ffffffff')).toBe(-1)
  expect(read('cfffffffffffffffff')).toBe(2n ** 64n - 1n)
  expect(read('d38000000000000000')).toBe(-(2n ** 63n))
  expect(read('d90161')).toBe('a')
  expect(read('db0000000161')).toBe('a')
  expect(read('dc000107')).toEqual([7])
  expect(read('dd0000000107')).toEqual([7])
  expect(read('de0001a16107')).toEqual({ a: 7 })
  expect(read('df00000001a16107')).toEqual({ a: 7 })
})

test('a map with keys that are no strings is a Map', () => {
  const writer = new Packr({ useRecords: false })
  const map = new Map<unknown, unknown>([
    ['a', 1],
    [2, 'b'],
    [[3], null],
    [null, { c: 4 }],
  ])
  expect(codec.decode(writer.pack(map))).toEqual(map)
  expect(codec.decode(Buffer.of(0x81, 0x01, 0x02))).toEqual(new Map([[1, 2]]))
})

test('bytes that are no UTF-8 become U+FFFD in a string', () => {
  for (const hex of ['ff', 'c0af', 'eda080', 'f4908080', 'e282', '61ff62']) {
    const content = Buffer.from(hex, 'hex')
    for (const padding of ['', 'é'.repeat(20), 'é'.repeat(3000)]) {
      const bytes = Buffer.concat([Buffer.from(padding), content])
      const header = Buffer.of(0xdb, 0, 0, 0, 0)
      header.writeUInt32BE(bytes.length, 1)
      expect(codec.decode(Buffer.concat([header, bytes]))).toBe(bytes.toString())
    }
  }
})
