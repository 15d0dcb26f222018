import { createCodec, DecodeError, isEncodeError } from '@mpservice/wire'
import { describe, expect, test } from 'vitest'

const codec = createCodec({ peer: 'child' })

describe('encode', () => {
  test('gives bytes that later values do not change', () => {
    const first = codec.encode({ n: 1 })
    const copy = Buffer.from(first)
    for (let n = 0; n < 10_000; n++) codec.encode({ n })
    expect(first).toEqual(copy)
  })

  test('works again after a value that was refused, whatever was open then', () => {
    const shared = {}
    const refused = { shared, map: new Map([[shared, new Set([[shared, () => {}]])]]) }
    expect(() => codec.encode(refused)).toThrow('$.map.values()[0].values()[0][1] is a function')
    expect(codec.decode(codec.encode([shared, shared]))).toEqual([{}, {}])
  })

  test('can be called by a getter of the value that is being encoded', () => {
    const value = {
      before: ['a'],
      get bytes() {
        return codec.encode({ inner: [1, 2] })
      },
      after: ['b'],
    }
    expect(codec.decode(codec.encode(value))).toEqual({
      before: ['a'],
      bytes: codec.encode({ inner: [1, 2] }),
      after: ['b'],
    })
  })

  test('writes what a value has when a getter changes it in the middle', () => {
    const map = new Map<string, unknown>()
    map.set('a', {
      get more() {
        map.set('b', 1)
        return 1
      },
    })
    expect(codec.decode(codec.encode(map))).toEqual(new Map([['a', { more: 1 }]]))
    const array: unknown[] = [{}, 2, 3]
    Object.defineProperty(array[0], 'less', {
      enumerable: true,
      get: () => (array.length = 1),
    })
    // oxlint-disable-next-line no-sparse-arrays
    expect(codec.decode(codec.encode(array))).toEqual([{ less: 1 }, , ,])
  })

  test('shortens the path to what is deep inside', () => {
    const deep = createCodec({ peer: 'child', maxDepth: 5000 })
    let value: unknown = () => {}
    for (let i = 0; i < 2000; i++) value = [value]
    const error = errorOf(() => deep.encode(value))
    expect(isEncodeError(error) && error.path).toBe(
      `$${'[0]'.repeat(166)}[ … ${'[0]'.repeat(167).slice(1)}`,
    )
  })

  test('refuses what is too deep for the stack', () => {
    const deep = createCodec({ peer: 'child', maxDepth: Infinity })
    let value: unknown = []
    for (let i = 0; i < 1_000_000; i++) value = [value]
    expect(errorOf(() => deep.encode(value))).toMatchObject({ code: 'ENCODE', kind: 'depth' })
    expect(deep.decode(deep.encode('usable'))).toBe('usable')
  })
})

describe('encodeAfter', () => {
  test('leaves zero bytes for a header', () => {
    expect(codec.encodeAfter(3, 'x')).toEqual(Buffer.of(0, 0, 0, 0xa1, 0x78))
  })

  test('leaves them in front of large values and of values with references', () => {
    const shared = { n: 1 }
    for (const value of ['long '.repeat(100_000), [shared, shared], Buffer.alloc(100_000)]) {
      const bytes = codec.encodeAfter(70_000, value)
      expect(bytes.subarray(0, 70_000).every((byte) => byte === 0)).toBe(true)
      expect(codec.decode(bytes, 70_000)).toEqual(value)
    }
  })

  test.each([-1, 0.5, Number.NaN])('refuses a header of %s bytes', (bytes) => {
    expect(() => codec.encodeAfter(bytes, 1)).toThrow(RangeError)
  })
})

describe('encodeInto', () => {
  test('gives the offset after the last byte', () => {
    const target = new Uint8Array(64)
    expect(codec.encodeInto(target, 2, 'x')).toBe(4)
    expect(target.subarray(0, 5)).toEqual(Uint8Array.of(0, 0, 0xa1, 0x78, 0))
  })

  test('gives −1 where there is too little room, and never writes behind the end', () => {
    const memory = new Uint8Array(100)
    const target = memory.subarray(10, 60)
    for (const value of ['x'.repeat(60), Buffer.alloc(60), Array.from({ length: 60 }, () => 1)]) {
      expect(codec.encodeInto(target, 0, value)).toBe(-1)
      expect(codec.encodeInto(target, 60, 1)).toBe(-1)
    }
    expect(memory.subarray(0, 10)).toEqual(new Uint8Array(10))
    expect(memory.subarray(60)).toEqual(new Uint8Array(40))
  })

  test('needs no more than 32 bytes of room more than the value', () => {
    for (const value of [1, 'x'.repeat(50), Buffer.alloc(300), { a: [1.5, 2n], b: new Date() }]) {
      const bytes = codec.encode(value)
      const target = Buffer.alloc(bytes.length + 32)
      expect(codec.encodeInto(target, 0, value)).toBe(bytes.length)
      expect(target.subarray(0, bytes.length)).toEqual(bytes)
    }
  })

  test('writes to shared memory', () => {
    const target = new Uint8Array(new SharedArrayBuffer(2000))
    const value = ['text', 'ü'.repeat(100), 'x'.repeat(500), 1.5, 2n ** 80n, Buffer.of(1), '\uD800']
    const end = codec.encodeInto(target, 8, value)
    expect(codec.decode(target, 8, end)).toEqual(value)
  })

  test('refuses what encode refuses', () => {
    expect(() => codec.encodeInto(new Uint8Array(64), 0, [() => {}])).toThrow('$[0] is a function')
    expect(() => codec.encodeInto(new Uint8Array(64), -1, 1)).toThrow(RangeError)
  })

  test('does not mix with values that are encoded elsewhere', () => {
    const target = Buffer.alloc(1000)
    const value = {
      get nested() {
        codec.encodeInto(target, 500, 'nested')
        return codec.encode(1.5)
      },
    }
    const end = codec.encodeInto(target, 0, value)
    expect(codec.decode(target, 0, end)).toEqual({ nested: codec.encode(1.5) })
    expect(codec.decode(target, 500, 507)).toBe('nested')
    expect(codec.decode(codec.encode([2.5, 3.5]))).toEqual([2.5, 3.5])
  })
})

describe('decode', () => {
  test('gives values that share no memory with the bytes', () => {
    const value = {
      b: Buffer.from('bytes'),
      u: Uint8Array.of(1, 2),
      a: new ArrayBuffer(3),
      s: 'text',
    }
    const bytes = codec.encode(value)
    const decoded = codec.decode(bytes)
    bytes.fill(0xff)
    expect(decoded).toEqual(value)
  })

  test('reads a Uint8Array, a part of one, and shared memory', () => {
    const bytes = codec.encodeAfter(1, { a: ['text', 'ü', Float64Array.of(1), Buffer.of(1)] })
    const value = codec.decode(bytes, 1)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    expect(codec.decode(new Uint8Array(bytes).subarray(1))).toEqual(value)
    expect(codec.decode(shared, 1)).toEqual(value)
    expect(codec.decode(Buffer.concat([bytes, bytes]), 1, bytes.length)).toEqual(value)
  })

  test('refuses a range that is not in the bytes', () => {
    const bytes = codec.encode('text')
    for (const [start, end] of [
      [0, 6],
      [-1, 5],
      [3, 2],
      [Number.NaN, 5],
    ] as const) {
      expect(() => codec.decode(bytes, start, end)).toThrow(RangeError)
    }
  })

  test('says where the bytes are no value', () => {
    const error = errorOf(() => codec.decode(Buffer.of(0xff, 0x92, 1), 1))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error).toMatchObject({
      offset: 1,
      message: 'bytes cannot be decoded: 2 bytes are announced and 1 left at offset 1',
    })
  })

  test('reads on after bytes that are no value', () => {
    for (const bytes of [Buffer.of(0x91, 0x92), Buffer.of(0xc1), Buffer.of(1, 1), Buffer.of()]) {
      expect(() => codec.decode(bytes)).toThrow(DecodeError)
      expect(codec.decode(codec.encode({ a: 1 }))).toEqual({ a: 1 })
    }
  })
})

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}
