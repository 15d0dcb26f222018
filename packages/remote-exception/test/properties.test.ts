import { isDeepStrictEqual } from 'node:util'
import { decodeException, encodeException } from '@mpservice/remote-exception'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { carriable, text } from './arbitraries.ts'
import { carriers, findUnplain, nestingOf, sendAsJson } from './carriers.ts'

// Arbitrary data takes a while to make on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const reserved = new Set([
  'name',
  'message',
  'stack',
  'cause',
  ...Object.getOwnPropertyNames(Object.prototype),
])

test('whatever an error has in its fields arrives, in order, by every carrier', () => {
  const fields = fc.dictionary(
    text.filter((key) => !reserved.has(key)),
    carriable,
  )
  fc.assert(
    fc.property(fields, text, text, carriable, (own, name, message, cause) => {
      const sent = new RangeError(message, { cause })
      sent.name = name
      for (const [key, value] of Object.entries(own)) {
        Object.defineProperty(sent, key, { value, enumerable: true })
      }
      const data = encodeException(sent)
      expect(findUnplain(data)).toBe(undefined)
      expect(nestingOf(data)).toBeLessThanOrEqual(6)
      for (const [, carry] of carriers) {
        const arrived = decodeException(carry(data))
        if (!(arrived instanceof RangeError)) throw new Error('another class')
        expect([arrived.name, arrived.message]).toEqual([name, message])
        expect(isDeepStrictEqual(arrived.cause, cause)).toBe(true)
        expect(Object.keys(arrived)).toEqual(Object.keys(own))
        for (const [key, value] of Object.entries(own)) {
          expect(isDeepStrictEqual(Reflect.get(arrived, key), value)).toBe(true)
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('whatever is thrown arrives', () => {
  fc.assert(
    fc.property(carriable, (thrown) => {
      expect(isDeepStrictEqual(sendAsJson(thrown), thrown)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('any graph of errors and lists keeps its shape', () => {
  const edges = fc.array(
    fc.tuple(fc.nat(9), fc.nat(9), fc.constantFrom('cause', 'list', 'field')),
    {
      maxLength: 30,
    },
  )
  fc.assert(
    fc.property(edges, (links) => {
      const errors = Array.from({ length: 10 }, (_, n) =>
        Object.assign(new Error(`${n}`), { list: [] }),
      )
      for (const [from, to, how] of links) link(errors[from], errors[to], how)
      const arrived = sendAsJson(errors)
      expect(shapeOf(arrived)).toEqual(shapeOf(errors))
    }),
  )
})

function link(from: unknown, to: unknown, how: string): void {
  const list: unknown = Reflect.get(Object(from), 'list')
  if (how === 'list' && Array.isArray(list)) list.push(to)
  else
    Object.defineProperty(from, how, { value: to, enumerable: how === 'field', configurable: true })
}

/** Each error's message and those of the errors it refers to. */
function shapeOf(errors: unknown): unknown {
  if (!Array.isArray(errors)) return 'no list'
  return errors.map(({ message, cause, list, field }) => [
    message,
    errors.indexOf(cause),
    errors.indexOf(field),
    Array.isArray(list) && list.map((error) => errors.indexOf(error)),
  ])
}

test('an error whose proxy fails at any of its traps can be sent', () => {
  const names = [
    'get',
    'has',
    'getPrototypeOf',
    'ownKeys',
    'getOwnPropertyDescriptor',
    'isExtensible',
  ] as const
  fc.assert(
    fc.property(fc.subarray([...names]), fc.nat(20), carriable, (traps, survives, field) => {
      let calls = 0
      const fail =
        (trap: keyof typeof Reflect) =>
        (...args: unknown[]): unknown => {
          if (calls++ >= survives) throw new Error('trapped')
          return Reflect.apply(Reflect[trap], undefined, args)
        }
      const handler = Object.fromEntries(traps.map((trap) => [trap, fail(trap)]))
      const target = new TypeError('x', { cause: new Proxy({ field }, handler) })
      const sent = new Proxy(Object.assign(target, { list: new Proxy([field], handler) }), handler)
      const data = encodeException(sent)
      expect(findUnplain(data)).toBe(undefined)
      expect(decodeException(data)).toBeInstanceOf(Error)
    }),
    { numRuns: 300 },
  )
})
