import { readFile } from 'node:fs/promises'
import { createCodec, encodeFrame } from '@mpservice/wire'
import { expect, test } from 'vitest'

const protocol = await readFile(new URL('../PROTOCOL.md', import.meta.url), 'utf8')
const codec = createCodec({ peer: 'child' })
const shared = { a: 1 }
const cyclic: unknown[] = []
cyclic.push(cyclic)

/** The values that the table of test vectors names, in its order. */
const vectors: readonly unknown[] = [
  [0, 127, 128, 65_535, null, undefined, true, -0, -32, -33],
  [4_294_967_295, 4_294_967_296, -2_147_483_649, 1.5, Number.NaN],
  ['a', 'ü', '\uD800', 5n, -1n, 2n ** 64n, [1, 'a'], withHole(), { a: 1 }],
  [Buffer.of(1, 2), Uint8Array.of(1, 2), Float32Array.of(1.5)],
  [new ArrayBuffer(1), new DataView(new ArrayBuffer(1))],
  [new Date(0), new Date(1), new Date(-1), new Date(Number.NaN)],
  [new Map([['a', 1]]), new Set([1, 2]), new Number(1), /a/g],
].flat()

test('the test vectors are what is written and read', () => {
  const table = /## Test vectors\n([^]*?)\n## /.exec(protocol)?.[1] ?? ''
  const rows = [...table.matchAll(/^\| `(.+)` +\| `([0-9a-f ]+)` +\|$/gm)]
  expect(rows).toHaveLength(vectors.length)
  for (const [index, [, name, hex = '']] of rows.entries()) {
    const bytes = bytesOf(hex)
    expect([name, codec.encode(vectors[index])]).toEqual([name, bytes])
    expect([name, codec.decode(bytes)]).toEqual([name, vectors[index]])
  }
})

test('the examples in the text are true', () => {
  const examples: readonly (readonly [string, Buffer])[] = [
    ['02 00 00 00 91 01', encodeFrame(codec.encode([1]))],
    ['c9 00 00 00 08 67 92 81 a1 61 01 d4 70 01', codec.encode([shared, shared])],
    ['c9 00 00 00 04 67 91 d4 70 00', codec.encode(cyclic)],
  ]
  for (const [hex, bytes] of examples) {
    expect(protocol.includes(`\`${hex}\``)).toBe(true)
    expect(bytes).toEqual(bytesOf(hex))
  }
})

test('the least exception arrives as an error', () => {
  const hex = /```text\n([0-9a-f \n]+)```/.exec(protocol)?.[1] ?? ''
  expect(createCodec({ peer: 'remote' }).decode(bytesOf(hex))).toMatchObject({
    message: 'too large',
  })
})

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
}

function withHole(): unknown[] {
  const array: unknown[] = []
  array[1] = 1
  return array
}
