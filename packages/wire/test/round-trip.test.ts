import { isDeepStrictEqual } from 'node:util'
import { createCodec } from '@mpservice/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSameGraph } from './same-graph.ts'

const child = createCodec({ peer: 'child' })
const remote = createCodec({ peer: 'remote' })

const anything = fc.anything({
  key: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'then', 'toJSON', 'hasOwnProperty', 'length'),
  ),
  values: [
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.date({ noInvalidDate: true }),
    fc.constantFrom(null, undefined, -0, 0),
    fc
      .array(fc.integer({ min: 0xd700, max: 0xe100 }))
      .map((units) => String.fromCharCode(...units)),
  ],
  maxDepth: 6,
  maxKeys: 20,
  withBigInt: true,
  withBoxedValues: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
})

describe('what structured clone carries', () => {
  test('arrives at a child as structured clone would give it', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(isDeepStrictEqual(child.decode(child.encode(value)), structuredClone(value))).toBe(
          true,
        )
      }),
      { numRuns: 2000 },
    )
  })

  test('arrives at a remote peer as structured clone would give it', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(isDeepStrictEqual(remote.decode(remote.encode(value)), structuredClone(value))).toBe(
          true,
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('arrives the same from encodeInto, behind a header, and out of the middle of a buffer', () => {
    const buffer = new Uint8Array(1_000_000)
    fc.assert(
      fc.property(anything, fc.nat(40), (value, offset) => {
        const end = child.encodeInto(buffer, offset, value)
        const bytes = child.encodeAfter(offset, value)
        expect(bytes.subarray(0, offset).every((byte) => byte === 0)).toBe(true)
        expect(
          isDeepStrictEqual(bytes.subarray(offset), Buffer.from(buffer.subarray(offset, end))),
        ).toBe(true)
        expect(isDeepStrictEqual(child.decode(buffer, offset, end), structuredClone(value))).toBe(
          true,
        )
        expect(isDeepStrictEqual(child.decode(bytes, offset), structuredClone(value))).toBe(true)
      }),
    )
  })
})

describe('objects that are mentioned more than once', () => {
  test('stay the same objects, whatever leads to what', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.array(fc.nat()))), (plan) => {
        const value = buildGraph(plan)
        expect(isSameGraph(child.decode(child.encode(value)), value)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

/** Objects of several kinds, each holding those of the others that its numbers stand for. */
function buildGraph(plan: readonly (readonly [kind: number, links: readonly number[]])[]): unknown {
  const nodes = plan.map(([kind]) => [[], {}, new Map(), new Set()][kind]!)
  plan.forEach(([, links], index) => {
    const node = nodes[index]!
    for (const [place, link] of links.entries()) {
      const target = nodes[link % nodes.length]!
      if (node instanceof Map) node.set(target, { place, target })
      else if (node instanceof Set) node.add(target)
      else Reflect.set(node, place, target)
    }
  })
  return nodes
}
