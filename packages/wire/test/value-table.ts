import { createSecretKey } from 'node:crypto'
import { createContext, runInContext } from 'node:vm'
import {
  argumentsOf,
  at,
  detached,
  detachedView,
  edges,
  lengths,
  nested,
  oneItemAt,
  Point,
  revoked,
  Signalling,
  sparse,
  SubArray,
  SubMap,
  SubSet,
  throwing,
} from './sample-values.ts'

/** What a peer gets: the same value, another one in its place, or nothing because it was refused. */
type Outcome = 'same' | { readonly as: unknown } | { readonly path: string; readonly kind: string }
type Row = readonly [name: string, value: unknown, child: Outcome, remote?: Outcome]

const context = createContext({})
const sharedObject = { n: 1 }
const cyclic: Record<string, unknown> = { n: 1 }
cyclic['self'] = cyclic
const cyclicMap = new Map<unknown, unknown>()
cyclicMap.set('me', { cyclicMap })
const cyclicSet = new Set<unknown>()
cyclicSet.add([cyclicSet])

const rows: readonly Row[] = [
  ['undefined', undefined, 'same'],
  ['undefined as a property', { a: undefined }, 'same'],
  ['null', null, 'same'],
  ['booleans', [true, false], 'same'],
  ['NaN', Number.NaN, 'same'],
  ['minus zero', [-0, 0], 'same'],
  ['infinities', [Infinity, -Infinity], 'same'],
  ['integers at the edges of their encodings', edges(), 'same'],
  ['fractions', [0.1, -1e-300, 1e300, Number.MIN_VALUE, 2 ** 53, 2 ** 70], 'same'],
  ['BigInt of 64 bits', [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n)], 'same'],
  ['BigInt of 65 bits', [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n], 'same'],
  ['BigInt of 200 bits', [2n ** 200n, -(2n ** 200n), 2n ** 199n - 1n, -(2n ** 199n)], 'same'],
  ['strings around the lengths where headers change', lengths().map((n) => 'x'.repeat(n)), 'same'],
  ['strings that are not ASCII', lengths().map((n) => 'ü日😀'.repeat(n)), 'same'],
  ['a string with NUL and a byte order mark', '\u0000a\uFEFFb', 'same'],
  ['lone surrogates', ['\uD800', 'a\uDC00b', `${'long '.repeat(30)}\uD800`], 'same'],
  ['a lone surrogate in a key', { '\uD800': 1 }, 'same'],
  ['Date', new Date(1_700_000_000_123), 'same'],
  ['Date before 1970', [new Date(-1), new Date(-1000), new Date(-8.64e15)], 'same'],
  ['Date at the end of time', new Date(8.64e15), 'same'],
  ['RegExp', /a(b)+\/ü/giu, 'same', { path: '$', kind: 'RegExp' }],
  ['RegExp with lastIndex', at(/a/g, 3), { as: /a/g }, { path: '$', kind: 'RegExp' }],
  [
    'Map with objects as keys',
    new Map<unknown, unknown>([
      [{ k: 1 }, [1]],
      ['s', null],
    ]),
    'same',
  ],
  ['Set', new Set<unknown>([1, 'a', { b: 2 }, undefined]), 'same'],
  ['empty containers', [[], {}, new Map(), new Set(), ''], 'same'],
  ['Buffer', Buffer.from('bytes'), 'same'],
  ['empty Buffer', Buffer.alloc(0), 'same'],
  [
    'Buffers around the lengths where headers change',
    [255, 256, 65535, 65536].map((n) => Buffer.alloc(n, 7)),
    'same',
  ],
  ['Uint8Array', Uint8Array.of(1, 2, 255), 'same'],
  ['Int8Array', Int8Array.of(-128, 127), 'same'],
  ['Uint8ClampedArray', Uint8ClampedArray.of(0, 255), 'same'],
  ['Int16Array', Int16Array.of(-32768, 32767), 'same'],
  ['Uint16Array', Uint16Array.of(65535), 'same'],
  ['Int32Array', Int32Array.of(-(2 ** 31)), 'same'],
  ['Uint32Array', Uint32Array.of(2 ** 32 - 1), 'same'],
  ['Float32Array', Float32Array.of(1.5, -0, Number.NaN), 'same'],
  ['Float64Array', Float64Array.of(0.1, -0), 'same'],
  ['BigInt64Array', BigInt64Array.of(-(2n ** 63n)), 'same'],
  ['BigUint64Array', BigUint64Array.of(2n ** 64n - 1n), 'same'],
  [
    'a typed array that shows a part of its memory',
    new Uint16Array(new ArrayBuffer(8), 2, 2),
    'same',
  ],
  ['ArrayBuffer', Uint8Array.of(1, 2, 3).buffer, 'same'],
  ['DataView', new DataView(Uint8Array.of(1, 2, 3).buffer, 1), 'same'],
  ['sparse array', sparse(), 'same'],
  ['null prototype', Object.assign(Object.create(null), { a: 1 }), { as: { a: 1 } }],
  ['__proto__ as own key', JSON.parse('{"__proto__":{"polluted":1},"a":1}'), 'same'],
  [
    'keys that objects have or awaiting looks for',
    JSON.parse('{"constructor":1,"then":2,"toJSON":3,"toString":4,"hasOwnProperty":5}'),
    'same',
  ],
  ['keys like numbers', { 10: 'a', 2: 'b', x: 'c', '-1': 'd' }, 'same'],
  ['keys of any length', Object.fromEntries(lengths().map((n) => ['k'.repeat(n), n])), 'same'],
  [
    '70 000 keys',
    Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])),
    'same',
  ],
  ['70 000 items', Array.from({ length: 70_000 }, (_, i) => i), 'same'],
  ['class instance', new Point(1, 2), { as: { x: 1, y: 2 } }],
  [
    'instances of subclasses',
    [new SubMap([[1, 2]]), new SubSet([1]), SubArray.of(1)],
    { as: [new Map([[1, 2]]), new Set([1]), [1]] },
  ],
  [
    'an object with inherited enumerable properties',
    Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }),
    { as: { own: 2 } },
  ],
  [
    'a getter',
    {
      get a() {
        return 1
      },
    },
    { as: { a: 1 } },
  ],
  [
    'properties with symbols, or hidden',
    Object.defineProperty({ [Symbol('s')]: 1, a: 1 }, 'b', { value: 2 }),
    { as: { a: 1 } },
  ],
  ['named properties of an array', Object.assign([1], { named: 2 }), { as: [1] }],
  ['boxed primitives', [new Number(-0), new String('s'), new Boolean(false), Object(5n)], 'same'],
  ['arguments', argumentsOf(1, 'a'), { as: { 0: 1, 1: 'a' } }],
  ['a Proxy around plain data', new Proxy({ a: [1] }, {}), { as: { a: [1] } }],
  [
    'values of another realm',
    runInContext(
      '({a: [1, new Map([[1, new Set([2])]])], d: new Date(5), u: new Uint8Array(2)})',
      context,
    ),
    { as: { a: [1, new Map([[1, new Set([2])]])], d: new Date(5), u: new Uint8Array(2) } },
  ],
  ['cyclic object', cyclic, 'same', { path: '$.self', kind: 'cycle' }],
  ['cyclic Map', cyclicMap, 'same', { path: '$.get("me").cyclicMap', kind: 'cycle' }],
  ['cyclic Set', [cyclicSet], 'same', { path: '$[0].values()[0][0]', kind: 'cycle' }],
  ['shared reference', [sharedObject, sharedObject], 'same'],
  ['depth 64', nested(64), 'same'],
  ['depth 65', nested(65), 'same', { path: `$${'[0]'.repeat(64)}`, kind: 'depth' }],
  ['depth 1 000', nested(1000), 'same', { path: `$${'[0]'.repeat(64)}`, kind: 'depth' }],
]

/** Values and what each peer gets for them. */
export const carried = rows.map(([name, value, child, remote = child]) => {
  return { name, value, child, remote }
})

/** Values that no peer gets, and what is said of them. */
export const refusedByAll: readonly (readonly [
  name: string,
  value: unknown,
  path: string,
  kind: string,
])[] = [
  ['function', { items: [1, { fn() {} }] }, '$.items[1].fn', 'function'],
  ['class', [class {}], '$[0]', 'function'],
  ['symbol', new Map([['key', Symbol('s')]]), '$.get("key")', 'symbol'],
  ['boxed symbol', Object(Symbol('s')), '$', 'symbol'],
  ['Promise', { a: Promise.resolve() }, '$.a', 'Promise'],
  ['WeakMap', new Set([new WeakMap()]), '$.values()[0]', 'WeakMap'],
  ['WeakSet', new Map([[new WeakSet(), 1]]), '$.keys()[0]', 'WeakSet'],
  ['WeakRef', { 'not a name': new WeakRef({}) }, '$["not a name"]', 'WeakRef'],
  ['SharedArrayBuffer', [new SharedArrayBuffer(8)], '$[0]', 'SharedArrayBuffer'],
  ['URL', { url: new URL('http://a.example') }, '$.url', 'URL'],
  ['KeyObject', { key: createSecretKey(Buffer.alloc(16)) }, '$.key', 'KeyObject'],
  ['AbortSignal', { signal: new AbortController().signal }, '$.signal', 'AbortSignal'],
  ['Blob', [new Blob([])], '$[0]', 'Blob'],
  ['generator', [(function* none() {})()], '$[0]', 'Generator'],
  ['iterator', [[1].values()], '$[0]', 'Array Iterator'],
  ['Intl object', [new Intl.NumberFormat('en')], '$[0]', 'NumberFormat'],
  ['subclass of a class of the platform', [new Signalling()], '$[0]', 'EventTarget'],
  ['detached ArrayBuffer', { a: detached() }, '$.a', 'detached ArrayBuffer'],
  ['detached Uint8Array', { a: detachedView() }, '$.a', 'detached view'],
  [
    'getter that throws',
    {
      a: [
        {
          get b() {
            throw new Error('no')
          },
        },
      ],
    },
    '$.a[0].b',
    'unreadable',
  ],
  ['Proxy whose trap throws', { a: new Proxy({}, throwing('ownKeys')) }, '$.a', 'unreadable'],
  ['Proxy whose getter throws', { a: new Proxy({ b: 1 }, throwing('get')) }, '$.a.b', 'unreadable'],
  ['revoked Proxy', { a: revoked() }, '$.a', 'unreadable'],
  ['Proxy around a Map', [new Proxy(new Map(), {})], '$[0]', 'Proxy'],
  ['object that only looks like a Date', [Object.create(Date.prototype)], '$[0]', 'object'],
  ['depth 10 000', nested(10_000), '', 'depth'],
  ['a million holes and one', [oneItemAt(1_000_001)], '$[0][1000000]', 'holes'],
]
