import { createCodec, isFrameTooLargeError } from '@mpservice/wire'
import { expect, test } from 'vitest'

const codec = createCodec({ peer: 'child' })

test('the limit of bytes holds to the byte, on both sides', () => {
  const small = createCodec({ peer: 'remote', maxFrameBytes: 40_000 })
  const fits = Buffer.alloc(40_000 - 3)
  expect(small.decode(small.encodeAfter(8, fits), 8)).toEqual(fits)
  const facts = { bytes: 40_001, maxFrameBytes: 40_000 }
  const tooLarge = Buffer.alloc(40_000 - 2)
  expect(errorOf(() => small.encode(tooLarge))).toMatchObject(facts)
  expect(errorOf(() => small.encodeInto(Buffer.alloc(50_000), 0, tooLarge))).toMatchObject(facts)
  expect(errorOf(() => small.decode(codec.encode(tooLarge)))).toMatchObject(facts)
})

test('a frame that grows over the limit is refused before it is complete', () => {
  const small = createCodec({ peer: 'remote', maxFrameBytes: 100_000 })
  const value = Array.from({ length: 1000 }, () => 'x'.repeat(1000))
  const error = errorOf(() => small.encode(value))
  expect(isFrameTooLargeError(error) && error.bytes < 200_000).toBe(true)
})

test('the limit of depth holds to the level, on both sides', () => {
  for (const peer of ['child', 'remote'] as const) {
    const shallow = createCodec({ peer, maxDepth: 3 })
    const fits = { a: [{ b: 1 }] }
    expect(shallow.decode(shallow.encode(fits))).toEqual(fits)
    const tooDeep = { a: [{ b: [] }] }
    expect(() => shallow.encode(tooDeep)).toThrow('$.a[0].b is nested deeper than 3 levels')
    expect(() => shallow.decode(codec.encode(tooDeep))).toThrow('deeper than 3 levels')
    const set = [new Set([1])]
    expect(shallow.decode(shallow.encode(set))).toEqual(set)
    expect(() => shallow.encode([set])).toThrow('deeper than 3 levels')
    expect(() => shallow.decode(codec.encode([set]))).toThrow('deeper than 3 levels')
  }
})

test('the limit of elements holds to the element, on both sides', () => {
  for (const peer of ['child', 'remote'] as const) {
    const few = createCodec({ peer, maxElements: 10 })
    const fits = [1, 'a text that is longer than ten bytes', { a: 1, b: [2] }, null]
    expect(few.decode(few.encode(fits))).toEqual(fits)
    const tooMany = [...fits, null]
    expect(errorOf(() => few.encode(tooMany))).toMatchObject({ path: '$', kind: 'elements' })
    expect(() => few.encodeInto(Buffer.alloc(1000), 0, tooMany)).toThrow('more than 10 elements')
    expect(() => few.decode(codec.encode(tooMany))).toThrow('more than 10 elements')
  }
})

test('what is mentioned more than once counts once for a child', () => {
  const few = createCodec({ peer: 'child', maxElements: 9 })
  const shared = { a: 1 }
  const value = [shared, shared, shared, shared, 'a long text']
  expect(few.decode(few.encode(value))).toEqual(value)
})

test.each([
  [{ peer: 'child', maxDepth: 0 }, RangeError],
  [{ peer: 'child', maxElements: 1.5 }, RangeError],
  [{ peer: 'remote', maxFrameBytes: Number.NaN }, RangeError],
  [{ peer: 'remote', maxFrameBytes: 2 ** 32 }, RangeError],
  [{ peer: 'chlid' }, TypeError],
])('%j is refused', (options, ErrorClass) => {
  expect(() => Reflect.apply(createCodec, undefined, [options])).toThrow(ErrorClass)
})

test('a codec says its peer and its limit', () => {
  const { peer, maxFrameBytes } = createCodec({ peer: 'remote' })
  expect({ peer, maxFrameBytes }).toEqual({ peer: 'remote', maxFrameBytes: 16 * 1024 * 1024 })
  expect(codec.maxFrameBytes).toBe(1024 ** 3)
})

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}
