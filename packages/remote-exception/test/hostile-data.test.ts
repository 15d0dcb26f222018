import {
  decodeException,
  encodeException,
  type ExceptionData,
  isNotCarriedError,
  registerException,
} from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { dataWith, decodeError, entry } from './raw-data.ts'

function depthOf(value: unknown, next: (value: unknown) => unknown): number {
  let depth = 0
  for (let link = value; typeof link === 'object' && link !== null; link = next(link)) {
    if (++depth > 1_000_000) throw new Error('endless')
  }
  return depth
}

describe('hostile data', () => {
  test('cannot hide methods, nor set what has its own place', () => {
    class Guarded extends Error {
      isSafe() {
        return true
      }
      get computed() {
        return 'by the class'
      }
    }
    registerException(Guarded)
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'valueOf',
      'hasOwnProperty',
      'isSafe',
      'name',
      'message',
      'stack',
      'cause',
    ]
    const fields = [...names, 'code'].map((name) => [name, ['object', 0]])
    const evil = { kind: 'object', items: ['toString', 1, '__proto__', ['object', 0]] }
    const decoded = decodeError(
      dataWith({
        errors: [{ ...entry, classes: ['Guarded', 'Error'], fields, hidden: fields }],
        objects: [evil],
      }),
    )
    expect(Object.keys(decoded)).toEqual(['code'])
    expect(Object.getPrototypeOf(decoded)).toBe(Guarded.prototype)
    expect(Reflect.apply(Reflect.get(decoded, 'isSafe'), decoded, [])).toBe(true)
    expect(String(decoded)).toBe('TypeError: x')
    expect(Reflect.get({}, 'polluted')).toBe(undefined)
    const nested: unknown = Reflect.get(decoded, 'code')
    expect(Object.getOwnPropertyNames(nested)).toEqual(['toString', '__proto__'])
    expect(Object.getPrototypeOf(nested)).toBe(Object.prototype)
  })

  test('the names of what every object has stand for no class', () => {
    for (const name of [
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'Object',
      'Function',
      'Array',
    ]) {
      const decoded = decodeError(dataWith({ errors: [{ ...entry, classes: [name] }] }))
      expect(Object.getPrototypeOf(decoded)).toBe(Error.prototype)
    }
  })

  test('runs no constructor, no setter and no getter of a class', () => {
    const calls: string[] = []
    class Watching extends Error {
      readonly field = calls.push('field')
      constructor() {
        super()
        calls.push('constructor')
      }
      get watched(): unknown {
        calls.push('getter')
        return undefined
      }
      set watched(_: unknown) {
        calls.push('setter')
      }
      override get name(): string {
        calls.push('name')
        return 'Watching'
      }
      override get message(): string {
        calls.push('message')
        return 'watching'
      }
    }
    registerException(Watching)
    const fields = [['watched', 5]]
    const decoded = decodeError(dataWith({ errors: [{ ...entry, classes: ['Watching'], fields }] }))
    expect(calls).toEqual([])
    expect(decoded).toBeInstanceOf(Watching)
    expect(decoded).toMatchObject({ watched: 5, name: 'TypeError', message: 'x' })
    expect(calls).toEqual([])
  })

  test('cannot put lines of its own under the stack by way of the origin', () => {
    const origin = `process 1\n    at forged (file.js:1:1)\u001b[31m${'x'.repeat(1000)}`
    const lines = decodeError(dataWith({ origin })).stack?.split('\n') ?? []
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^ {4}in process 1 {5}at forged \(file\.js:1:1\) \[31mx+$/)
    expect(lines[1]).toHaveLength(4 + 'in '.length + 200)
  })

  test('errors of an AggregateError are always a list', () => {
    const decoded = decodeError(
      dataWith({ errors: [{ ...entry, classes: ['AggregateError'], hidden: [['errors', 5]] }] }),
    )
    expect(Object(decoded).errors).toEqual([])
  })

  test.each<[string, (place: number) => unknown]>([
    ['in order', (place) => ['error', place + 1]],
    ['with every error reached from a short way first', (place) => ['error', place + 1]],
  ])('a chain of causes cannot be longer than 250: %s', (label, cause) => {
    const count = 5000
    const errors: object[] = Array.from({ length: count }, (_, place) => ({
      ...entry,
      ...(place < count - 1 && { cause: cause(place) }),
    }))
    const items = errors.map((_, place) => ['error', count - 1 - place])
    const objects = [{ kind: 'array', items }]
    const isList = label !== 'in order'
    const decoded = decodeException(
      dataWith({ errors, objects, ...(isList && { thrown: ['object', 0] }) }),
    )
    const all: unknown[] = Array.isArray(decoded) ? decoded : [decoded]
    expect(all).toHaveLength(isList ? count : 1)
    const depths = all.map((error) => depthOf(error, (link) => Object(link).cause))
    expect(Math.max(...depths)).toBe(isList ? 250 : 252)
  })

  test('objects cannot be nested deeper than 250, the rest stays', () => {
    const objects = Array.from({ length: 100_000 }, (_, place) => ({
      kind: 'array',
      items: [['object', place + 1], place],
    }))
    objects.push({ kind: 'array', items: [] })
    const decoded = decodeException(dataWith({ thrown: ['object', 0], objects }))
    let depth = 0
    let link: unknown = decoded
    for (; Array.isArray(link); link = link[0]) depth++
    expect(depth).toBe(251)
    expect(isNotCarriedError(link)).toBe(true)
    expect(link).toMatchObject({ message: 'what is nested deeper than 250 levels was not carried' })
  })

  test('a limit of depth can be given', () => {
    const data = encodeException({ a: { b: { c: 1 } } })
    expect(decodeException(data)).toEqual({ a: { b: { c: 1 } } })
    expect(decodeException(data, { maxDepth: 2 })).toEqual({ a: { b: { c: 1 } } })
    expect(isNotCarriedError(Object(decodeException(data, { maxDepth: 1 })).a.b)).toBe(true)
  })

  test('too many parts are refused, an error counting as a hundred', () => {
    const errors = Array.from({ length: 20_000 }, () => entry)
    const objects = [{ kind: 'array', items: errors.map((_, place) => ['error', place]) }]
    const data = dataWith({ thrown: ['object', 0], errors, objects })
    expect(decodeException(data)).toMatchObject({ reason: 'it has too many parts' })
    expect(decodeException(data, { maxParts: 10_000_000 })).toHaveLength(20_000)
    const list = encodeException([1, 2, 3])
    expect(decodeException(list, { maxParts: 3 })).toMatchObject({
      reason: 'it has too many parts',
    })
    expect(decodeException(list, { maxParts: 4 })).toEqual([1, 2, 3])
  })

  test('references back and forth cost no more than their number', () => {
    const levels = 200
    const objects = Array.from({ length: levels }, (_, place) => ({
      kind: 'array',
      items:
        place === 0
          ? []
          : [
              ['object', place - 1],
              ['object', place - 1],
            ],
    }))
    const started = performance.now()
    const decoded = decodeException(dataWith({ thrown: ['object', levels - 1], objects }))
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(depthOf(decoded, (list) => (Array.isArray(list) ? list[1] : undefined))).toBe(levels)
  })

  test('does not change the data', () => {
    const data = encodeException(
      Object.assign(new Error('x', { cause: new Error('y') }), { a: [1] }),
    )
    const copy: ExceptionData = structuredClone(data)
    decodeException(data)
    expect(data).toStrictEqual(copy)
  })
})
