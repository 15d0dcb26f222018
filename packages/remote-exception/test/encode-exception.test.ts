import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { encodeException, isNotCarriedError, RemoteException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { findUnplain, sendAsJson, sendError } from './carriers.ts'

const traps: ProxyHandler<Error> = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('trapped')
    },
  },
)

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function throwing(): never {
  throw new Error('a getter threw')
}

function droppedOf(error: unknown): readonly string[] | undefined {
  return encodeException(error).errors[0]?.dropped
}

describe('whatever is thrown, it can be sent', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a function',
      () => throwing,
      'a function (throwing) was thrown and cannot be carried: it is a function (throwing)',
    ],
    [
      'a symbol',
      () => Symbol('mark'),
      'a symbol (mark) was thrown and cannot be carried: it is a symbol (mark)',
    ],
    [
      'a promise',
      () => Promise.resolve(),
      'an object (Promise) was thrown and cannot be carried: it is an object (Promise)',
    ],
    [
      'a proxy with throwing traps',
      () => new Proxy(new Error('x'), traps),
      'a Proxy was thrown and cannot be carried: it is what cannot be read',
    ],
    [
      'a revoked proxy',
      () => revoked(new Error('x')),
      'a Proxy was thrown and cannot be carried: it is what cannot be read',
    ],
    [
      'a revoked function',
      () => revoked(throwing),
      'a value of type function was thrown and cannot be carried: it is a value of type function',
    ],
    [
      'a list that is too long',
      () => Array.from({ length: 20_000 }),
      'an object (Array) was thrown and cannot be carried: it is what is over the limits of size',
    ],
    [
      'a text that is too long',
      () => 'x'.repeat(5_000_000),
      `the value ${'x'.repeat(100)}… was thrown and cannot be carried: it is what is over the limits of size`,
    ],
  ])('%s arrives as an error that says so', (_, make, message) => {
    const arrived = sendAsJson(make())
    expect(isNotCarriedError(arrived)).toBe(true)
    expect(arrived).toMatchObject({ name: 'NotCarriedError', code: 'NOT_CARRIED', message })
  })

  test('a proxy of an error that answers arrives as that error', () => {
    const arrived = sendError(new Proxy(new TypeError('x', { cause: 5 }), {}))
    expect(arrived).toBeInstanceOf(TypeError)
    expect(arrived).toMatchObject({ message: 'x', cause: 5 })
  })

  test('properties that throw are left out and named', () => {
    const sent = new TypeError('x')
    for (const key of ['stack', 'name', 'message', 'cause', 'field']) {
      Object.defineProperty(sent, key, { get: throwing, enumerable: true })
    }
    expect(droppedOf(sent)).toEqual(['name', 'message', 'stack', 'cause', 'field'])
    const arrived = sendError(sent)
    expect(arrived).toBeInstanceOf(TypeError)
    expect(arrived.message).toBe('')
    expect(arrived.stack).toBe(`TypeError\n    in process ${process.pid}`)
  })

  test('a stack that was deleted, or is no text, is made up from name and message', () => {
    const deleted = new RangeError('x')
    delete deleted.stack
    const odd = Object.defineProperty(new RangeError('x'), 'stack', { value: [1, 2] })
    for (const sent of [deleted, odd]) {
      expect(sendError(sent).stack).toBe(`RangeError: x\n    in process ${process.pid}`)
    }
  })

  test('names and messages that are no text become one', () => {
    const sent = Object.assign(new Error('x'), { name: 5, message: { a: 1 } })
    expect(sendError(sent)).toMatchObject({ name: 'Error', message: 'an object (Object)' })
  })

  test('a frozen error arrives', () => {
    const sent = Object.freeze(Object.assign(new TypeError('x'), { list: Object.freeze([1]) }))
    expect(sendError(sent)).toMatchObject({ message: 'x', list: [1] })
  })

  test('an error without a prototype arrives as Error', () => {
    const sent = Object.setPrototypeOf(new TypeError('x'), null)
    const arrived = sendError(sent)
    expect(Object.getPrototypeOf(arrived)).toBe(Error.prototype)
    expect(arrived.message).toBe('x')
  })

  test('a class with a strange name or constructor does no harm', () => {
    class Strange extends TypeError {
      static override readonly name: never
      static {
        Object.defineProperty(this, 'name', { get: throwing })
      }
    }
    expect(encodeException(new Strange('x')).errors[0]?.classes).toEqual(['TypeError', 'Error'])
    const odd = new RangeError('x')
    Object.setPrototypeOf(odd, Object.create(RangeError.prototype, { constructor: { value: 5 } }))
    expect(encodeException(odd).errors[0]?.classes).toEqual(['RangeError', 'Error'])
  })

  test('where no stack is left, it gives what can be said', () => {
    let depth = 0
    const seen = new Set<unknown>()
    const fall = () => {
      depth++
      try {
        fall()
      } finally {
        if (seen.size < 200) seen.add(encodeException(new Error('deep')).thrown)
      }
    }
    expect(fall).toThrow(RangeError)
    expect(depth).toBeGreaterThan(100)
    for (const thrown of seen) expect(thrown).toEqual(['error', 0])
  })

  test('a wrapper stands for its exception', () => {
    expect(sendAsJson(new RemoteException(new TypeError('x')))).toBeInstanceOf(TypeError)
    expect(sendAsJson(new RemoteException(undefined))).toBe(undefined)
    expect(sendAsJson([new RemoteException(5)])).toEqual([5])
  })
})

describe('what cannot be carried is left out and named', () => {
  test('functions, symbols and closed objects', () => {
    const sent = Object.assign(new Error('x'), {
      callback: throwing,
      mark: Symbol('mark'),
      later: Promise.resolve(),
      weak: new WeakMap(),
      [Symbol('own')]: 1,
      kept: { list: [1, throwing, 3], inner: { f: throwing, g: 1 } },
      map: new Map<unknown, unknown>([
        [throwing, 1],
        [1, throwing],
        [2, 2],
      ]),
      set: new Set([throwing, 1]),
    })
    expect(droppedOf(sent)).toEqual([
      'Symbol(own)',
      'callback',
      'mark',
      'later',
      'weak',
      'kept.list[1]',
      'kept.inner.f',
      'map[0]',
      'map[1]',
      'set[0]',
    ])
    expect(Object.entries(sendError(sent))).toEqual([
      ['kept', { list: [1, undefined, 3], inner: { g: 1 } }],
      ['map', new Map([[2, 2]])],
      ['set', new Set([1])],
    ])
  })

  test('nested getters and proxies that throw', () => {
    const sent = Object.assign(new Error('x'), {
      a: Object.defineProperty({ b: 1 }, 'c', { get: throwing, enumerable: true }),
      d: new Proxy({}, { ownKeys: throwing }),
      e: { toJSON: throwing },
      f: Object.create({ toJSON: throwing }),
      g: revoked([]),
      h: new Proxy([1], { has: throwing }),
    })
    expect(droppedOf(sent)).toEqual(['a.c', 'd', 'e.toJSON', 'f', 'g', 'h[0]'])
    expect(Object.entries(sendError(sent))).toEqual([
      ['a', { b: 1 }],
      ['e', {}],
      ['h', [undefined]],
    ])
  })

  test('of a thrown object too', () => {
    const data = encodeException({ a: 1, f: throwing, b: [throwing] })
    expect(data.dropped).toEqual(['f', 'b[0]'])
  })

  test('a cause that cannot be carried says so in its place', () => {
    const arrived = sendError(new Error('x', { cause: throwing }))
    expect(arrived.cause).toMatchObject({
      code: 'NOT_CARRIED',
      message: 'a cause cannot be carried: it is a function (throwing)',
    })
    expect(droppedOf(new Error('x', { cause: throwing }))).toEqual(['cause'])
  })

  test('no more than a hundred are named', () => {
    const sent = new Error('x')
    for (let n = 0; n < 1000; n++)
      Object.defineProperty(sent, `f${n}`, { value: throwing, enumerable: true })
    const dropped = droppedOf(sent)
    expect(dropped).toHaveLength(101)
    expect(dropped?.at(-1)).toBe('…')
  })
})

test('the data is plain whatever was thrown', () => {
  const evil = Object.assign(new Error('\ud800', { cause: { ['\udfff']: Number.NaN } }), {
    ['k\udc00']: [undefined, -0, 1n, throwing],
    name: 'n\ud800',
    stack: 's\ud800',
  })
  for (const thrown of [evil, undefined, -0, throwing, '\udfff', new Map([[evil, evil]])]) {
    expect(findUnplain(encodeException(thrown, { origin: 'a\n\ud800b\u2028' }))).toBe(undefined)
  }
  expect(sendError(evil)).toMatchObject({ name: 'n\ud800', message: '\ud800' })
})

test('needs no code generation and no built-ins that can be changed', () => {
  const program = fileURLToPath(new URL('fixtures/evil-corpus.js', import.meta.url))
  const flags = ['--disallow-code-generation-from-strings', '--frozen-intrinsics', '--no-warnings']
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout).toBe('all arrived\n')
})
