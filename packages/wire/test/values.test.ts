import { isDeepStrictEqual } from 'node:util'
import { createCodec, EncodeError, FrameTooLargeError, type Peer } from '@mpservice/wire'
import { describe, expect, test } from 'vitest'
import { oneItemAt } from './sample-values.ts'
import { carried, refusedByAll } from './value-table.ts'

const codecs = { child: createCodec({ peer: 'child' }), remote: createCodec({ peer: 'remote' }) }

describe.each(['child', 'remote'] as const)('for a %s peer', (peer) => {
  test.each(carried)('$name', ({ value, child, remote }) => {
    const outcome = peer === 'child' ? child : remote
    if (outcome === 'same') expect(isDeepStrictEqual(roundTrip(peer, value), value)).toBe(true)
    else if ('as' in outcome)
      expect(isDeepStrictEqual(roundTrip(peer, value), outcome.as)).toBe(true)
    else expect(refusalOf(peer, value)).toMatchObject({ code: 'ENCODE', ...outcome })
  })

  test('invalid Date', () => {
    expect(roundTrip(peer, new Date(Number.NaN))).toEqual(new Date(Number.NaN))
  })

  test.each(refusedByAll)('%s is refused', (_, value, path, kind) => {
    const error = refusalOf(peer, value)
    expect(error).toBeInstanceOf(EncodeError)
    expect(error).toMatchObject({ kind, ...(path !== '' && { path }) })
    expect(codecs[peer].decode(codecs[peer].encode(['usable']))).toEqual(['usable'])
  })
})

test('a BigInt is carried to a remote peer up to 1 024 bytes, and to a child beyond', () => {
  const largest = 2n ** (1024n * 8n - 1n) - 1n
  expect(roundTrip('remote', [largest, ~largest])).toEqual([largest, ~largest])
  expect(refusalOf('remote', { n: largest + 1n })).toMatchObject({ path: '$.n', kind: 'bigint' })
  expect(roundTrip('child', largest + 1n)).toBe(largest + 1n)
  expect(roundTrip('child', -(2n ** 800_000n))).toBe(-(2n ** 800_000n))
})

test('an object that is mentioned twice is one object for a child and two for a remote peer', () => {
  const shared = { n: 1 }
  const [first, second] = listOf(roundTrip('child', [shared, shared]))
  expect(first).toBe(second)
  const [one, other] = listOf(roundTrip('remote', [shared, shared]))
  expect(one).toEqual(other)
  expect(one).not.toBe(other)
})

test('views on one ArrayBuffer arrive as views on two', () => {
  const buffer = new ArrayBuffer(8)
  const [first, second] = listOf(
    roundTrip('child', [new Uint8Array(buffer), new Int8Array(buffer)]),
  )
  expect(first).toEqual(new Uint8Array(8))
  expect(second).toEqual(new Int8Array(8))
})

test('a view on shared memory arrives as a copy', () => {
  const view = new Uint8Array(new SharedArrayBuffer(4), 1)
  view[0] = 9
  expect(roundTrip('remote', view)).toEqual(Uint8Array.of(9, 0, 0))
})

test('a million items are carried', () => {
  const items = Array.from({ length: 999_999 }, () => 1)
  expect(roundTrip('remote', items)).toEqual(items)
  expect(roundTrip('child', [...items, 1, 1])).toHaveLength(1_000_001)
})

test('a long string is carried to a child and is over the limit of a remote peer', () => {
  const text = 'ab'.repeat(16 * 1024 * 1024)
  expect(roundTrip('child', { text })).toEqual({ text })
  expect(refusalOf('remote', { text })).toBeInstanceOf(FrameTooLargeError)
})

test('an array of nothing but holes is refused before it is read', () => {
  expect(refusalOf('child', oneItemAt(2 ** 32 - 2))).toBeInstanceOf(FrameTooLargeError)
})

test('no toJSON is called', () => {
  const value = { a: 1 }
  Object.defineProperty(value, 'toJSON', { value: () => expect.unreachable() })
  expect(roundTrip('child', value)).toEqual({ a: 1 })
})

function roundTrip(peer: Peer, value: unknown): unknown {
  return codecs[peer].decode(codecs[peer].encode(value))
}

function refusalOf(peer: Peer, value: unknown): unknown {
  try {
    codecs[peer].encode(value)
  } catch (error) {
    return error
  }
  return expect.unreachable('it was encoded')
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : expect.unreachable('it is no array')
}
