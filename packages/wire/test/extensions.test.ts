import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  createCodec,
  DecodeError,
  EncodeError,
  ExtensionTakenError,
  isExtensionTakenError,
  registerExtension,
} from '@mpservice/wire'
import { describe, expect, test } from 'vitest'

class Point {
  readonly x: number
  readonly y: number

  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
}
class Bytes {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}
class Holder {
  readonly held: unknown
  constructor(held: unknown) {
    this.held = held
  }
}
class Handle {
  declare readonly id: number
}

registerExtension({
  type: 1,
  class: Point,
  encode: ({ x, y }) => [x, y],
  decode(data) {
    if (!Array.isArray(data)) throw new TypeError('a point is two numbers')
    const [x, y]: unknown[] = data
    return new Point(Number(x), Number(y))
  },
})
registerExtension({
  type: 2,
  class: Bytes,
  encode: ({ bytes }) => bytes,
  decode: (data) => new Bytes(data instanceof Uint8Array ? data : new Uint8Array()),
})
registerExtension({
  type: 63,
  class: Holder,
  encode: ({ held }) => ({ held }),
  decode: (data) => new Holder(Reflect.get(Object(data), 'held')),
})
registerExtension({
  type: 3,
  class: Handle,
  encode: ({ id }) => id,
  decode: (id) => handle(Number(id)),
})

describe.each(['child', 'remote'] as const)('for a %s peer', (peer) => {
  const codec = createCodec({ peer })

  test('instances arrive as instances, wherever they are', () => {
    const value = {
      list: [new Point(1, 2), new Map([[new Point(3, 4), new Set([new Point(5, 6)])]])],
      bytes: new Bytes(Uint8Array.of(1, 2, 3)),
      held: new Holder(new Holder([new Point(7, 8), undefined, 9n])),
    }
    expect(codec.decode(codec.encode(value))).toStrictEqual(value)
  })

  test('instances of subclasses arrive as instances of the class', () => {
    class Point3 extends Point {}
    expect(codec.decode(codec.encode(new Point3(1, 2)))).toStrictEqual(new Point(1, 2))
  })

  test('functions and proxies with the class in their chain of prototypes are instances', () => {
    const decoded = codec.decode(codec.encode({ handle: handle(42) }))
    const { handle: arrived } = Object(decoded)
    expect(typeof arrived).toBe('function')
    expect(arrived.id).toBe(42)
  })

  test('the path leads through what encode gives', () => {
    expect(() => codec.encode({ a: new Holder([() => {}]) })).toThrow(
      '$.a.encode().held[0] is a function, which cannot be carried',
    )
  })

  test('what encode throws is the cause of an EncodeError', () => {
    class Failing {}
    const cause = new Error('no')
    const fail = (): never => {
      throw cause
    }
    const type = peer === 'child' ? 10 : 11
    registerExtension({ type, class: Failing, encode: fail, decode: fail })
    const error = errorOf(() => codec.encode([new Failing()]))
    expect(error).toBeInstanceOf(EncodeError)
    expect(error).toMatchObject({
      message: `$[0] cannot be encoded by extension ${type}: it threw Error: no`,
      path: '$[0]',
      kind: 'unreadable',
      cause,
    })
  })

  test('what decode throws is the cause of a DecodeError', () => {
    const error = errorOf(() => codec.decode(Buffer.of(0x91, 0xd4, 1, 0xc0)))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error).toMatchObject({ cause: new TypeError('a point is two numbers') })
  })

  test('a type that is not registered is a DecodeError that names it', () => {
    expect(() => codec.decode(Buffer.of(0xd4, 44, 0xc0))).toThrow(
      'bytes cannot be decoded: extension type 44 is unknown here at offset 2',
    )
  })

  test('encode and decode can use the codec themselves', () => {
    class Packed {
      readonly content: unknown
      constructor(content: unknown) {
        this.content = content
      }
    }
    registerExtension({
      type: peer === 'child' ? 12 : 13,
      class: Packed,
      encode: ({ content }) => codec.encode(content),
      decode: (data) => new Packed(codec.decode(data instanceof Uint8Array ? data : Buffer.of())),
    })
    const value = ['before', new Packed({ in: new Packed(['x', { y: 1 }]) }), { after: 1 }]
    expect(codec.decode(codec.encode(value))).toStrictEqual(value)
  })
})

test('an instance that is mentioned twice arrives as one at a child', () => {
  const codec = createCodec({ peer: 'child' })
  const point = new Point(1, 2)
  const decoded = codec.decode(codec.encode({ a: point, b: [point], c: new Holder(point) }))
  const { a, b, c } = Object(decoded)
  expect(a).toStrictEqual(point)
  expect(b[0]).toBe(a)
  expect(c.held).toBe(a)
})

test('an instance that leads back to itself is refused', () => {
  const held: unknown[] = []
  const holder = new Holder(held)
  held.push({ holder })
  const error = errorOf(() => createCodec({ peer: 'child' }).encode([holder]))
  expect(error).toMatchObject({ path: '$[0].encode().held[0].holder', kind: 'cycle' })
})

test('an extension that is not for remote peers is refused there, both ways', () => {
  class Internal {}
  registerExtension({
    type: 50,
    class: Internal,
    encode: () => 1,
    decode: () => new Internal(),
    remote: false,
  })
  const child = createCodec({ peer: 'child' })
  const remote = createCodec({ peer: 'remote' })
  const bytes = child.encode({ a: new Internal() })
  expect(child.decode(bytes)).toStrictEqual({ a: new Internal() })
  expect(() => remote.decode(bytes)).toThrow('a remote peer may not send extension type 50')
  expect(() => remote.encode({ a: new Internal() })).toThrow(
    '$.a is of class Internal, which a remote peer does not accept',
  )
})

describe('registerExtension', () => {
  const unused = { encode: () => null, decode: () => null }

  test('refuses a type or a class that is taken', () => {
    const byType = errorOf(() => registerExtension({ type: 1, class: class Other {}, ...unused }))
    expect(byType).toBeInstanceOf(ExtensionTakenError)
    expect(isExtensionTakenError(byType) && byType.message).toBe(
      'extension 1 for class Other is taken: extension 1 is registered for class Point',
    )
    expect(() => registerExtension({ type: 40, class: Point, ...unused })).toThrow(
      'extension 40 for class Point is taken: extension 1 is registered for class Point',
    )
  })

  test.each([0, 64, -1, 1.5, Number.NaN])('refuses type %s', (type) => {
    expect(() => registerExtension({ type, class: class {}, ...unused })).toThrow(RangeError)
  })

  test('holds for the codecs of other copies of the package', async () => {
    const program = fileURLToPath(new URL('fixtures/two-copies.js', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    expect(stdout).toBe('Point { x: 1 } true EXTENSION_TAKEN\n')
  })

  test('holds for codecs that were made and used before', () => {
    class Late {
      readonly n = 1
    }
    const codec = createCodec({ peer: 'child' })
    expect(codec.decode(codec.encode(new Late()))).toEqual({ n: 1 })
    registerExtension({ type: 41, class: Late, encode: () => 'late', decode: (data) => data })
    expect(codec.decode(codec.encode(new Late()))).toBe('late')
  })
})

/** As a proxy for a remote object would be made: callable, and nothing shows but its prototype. */
function handle(id: number): Handle {
  const target = Object.setPrototypeOf(() => {}, Handle.prototype)
  return new Proxy(target, { get: (_, name) => (name === 'id' ? id : () => expect.unreachable()) })
}

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}
