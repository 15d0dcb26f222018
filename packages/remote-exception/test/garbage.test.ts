import {
  decodeException,
  encodeException,
  isMalformedExceptionError,
} from '@mpservice/remote-exception'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { carriable } from './arbitraries.ts'
import { findUnplain } from './carriers.ts'

// Arbitrary data takes a while to make on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const garbageKeys = fc.constantFrom(
  'exception',
  'origin',
  'thrown',
  'errors',
  'objects',
  'classes',
  'name',
  'message',
  'stack',
  'cause',
  'hidden',
  'fields',
  'state',
  'dropped',
  'kind',
  'items',
  '__proto__',
  'constructor',
  'prototype',
)

const garbageLeaves = fc.oneof(
  fc.constantFrom<unknown>(
    1,
    0,
    -1,
    null,
    undefined,
    'error',
    'object',
    'array',
    'map',
    'set',
    'text',
    'bytes',
    'bigint',
    'date',
    'hole',
    'TypeError',
    'AggregateError',
    'DOMException',
    'AssertionError',
    '__proto__',
    '"\\ud800"',
  ),
  carriable,
)

const { garbage } = fc.letrec((tie) => ({
  garbage: fc.oneof({ maxDepth: 6 }, garbageLeaves, tie('list'), tie('record')),
  list: fc.array(tie('garbage'), { maxLength: 4 }),
  record: fc.dictionary(garbageKeys, tie('garbage'), { maxKeys: 6 }),
}))

function expectHarmless(data: unknown): void {
  const decoded = decodeException(data)
  expect(typeof textOf(decoded)).toBe('string')
  // What was accepted can be sent on.
  expect(findUnplain(encodeException(decoded))).toBe(undefined)
}

/** What printing an error calls, which no field may have replaced. */
function textOf(decoded: unknown): unknown {
  return decoded instanceof Error ? decoded.toString() + String(decoded.stack) : ''
}

test('no garbage makes decoding throw or changes a prototype', () => {
  const before = [Object.prototype, Error.prototype, Array.prototype].map((prototype) =>
    Reflect.ownKeys(prototype),
  )
  fc.assert(fc.property(garbage, expectHarmless), { numRuns: 500 })
  const envelope = fc.record({
    exception: fc.constant(1),
    origin: fc.oneof(fc.string(), garbage),
    thrown: fc.oneof(fc.constantFrom<unknown>(['error', 0], ['object', 0]), garbage),
    errors: fc.array(fc.oneof(fc.dictionary(garbageKeys, garbage), garbage), { maxLength: 3 }),
    objects: fc.array(fc.oneof(fc.dictionary(garbageKeys, garbage), garbage), { maxLength: 3 }),
  })
  fc.assert(fc.property(envelope, expectHarmless), { numRuns: 500 })
  const after = [Object.prototype, Error.prototype, Array.prototype].map((prototype) =>
    Reflect.ownKeys(prototype),
  )
  expect(after).toEqual(before)
  expect(Reflect.ownKeys({})).toEqual([])
})

test('real data with one part replaced by garbage never makes decoding throw', () => {
  const sent = Object.assign(
    new AggregateError([new TypeError('a')], 'all', { cause: new Error('b') }),
    {
      code: 'E',
      details: { list: [1, new Map([[1, new Set([2n])]]), new Date(0)], bytes: Buffer.from('x') },
    },
  )
  const real = JSON.stringify(encodeException(sent))
  const slots = [...real.matchAll(/"[^"]*"|\d+/g)].map(({ index, 0: token }) => [
    index,
    token.length,
  ])
  let accepted = 0
  fc.assert(
    fc.property(fc.constantFrom(...slots), fc.json(), ([start = 0, length = 0], json) => {
      const changed = `${real.slice(0, start)}${json}${real.slice(start + length)}`
      let data: unknown
      try {
        data = JSON.parse(changed)
      } catch {
        return
      }
      expectHarmless(data)
      if (!isMalformedExceptionError(decodeException(data))) accepted++
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(0)
})
