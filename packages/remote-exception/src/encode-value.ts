import { types } from 'node:util'
import { encodeBytes } from './bytes.ts'
import { describeValue } from './describe-value.ts'
import { encodeText } from './encode-text.ts'
import {
  charge,
  type Encoding,
  noteDropped,
  OverLimitSignal,
  setPlace,
  UncarriableSignal,
} from './encoding.ts'
import type { EncodedValue, ObjectData } from './exception-data.ts'
import { isRemoteExceptionWrapper } from './remote-exception.ts'

/**
 * Writes a value and what it holds; errors get a place and are written later.
 *
 * What cannot be carried inside it is left out and noted. Signals what stops the value itself:
 * that it cannot be carried, or that the limits are reached.
 */
export function encodeValue(encoding: Encoding, value: unknown, depth: number): EncodedValue {
  charge(encoding, 1, 0)
  switch (typeof value) {
    case 'string':
      charge(encoding, 0, value.length)
      return encodeText(value)
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : ['number', numberText(value)]
    case 'boolean':
      return value
    case 'undefined':
      return ['undefined']
    case 'bigint': {
      const digits = value.toString(16)
      charge(encoding, 0, digits.length)
      return ['bigint', digits]
    }
    case 'object':
      return value === null ? null : encodeReference(encoding, value, depth)
    case 'symbol':
      if (value === hole) return ['hole']
      throw new UncarriableSignal(describeValue(value))
    case 'function':
    default:
      throw new UncarriableSignal(describeValue(value))
  }
}

/** Whether a value is an error: of this realm or another, made by its constructor or not. */
function isError(value: unknown): value is object {
  return types.isNativeError(value) || value instanceof Error
}

/** Stands for the missing items of a sparse array while they are written. */
const hole = Symbol('hole')

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function encodeReference(encoding: Encoding, value: object, depth: number): EncodedValue {
  const place = encoding.places.get(value)
  if (place !== undefined) return place
  if (depth > encoding.limits.maxDepth) {
    throw new UncarriableSignal(`what is nested deeper than ${encoding.limits.maxDepth} levels`)
  }
  if (isError(value)) return placeError(encoding, value, depth)
  if (Array.isArray(value)) return encodeArray(encoding, value, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return encodeObject(encoding, value, 'null-object', depth)
  if (prototype === Object.prototype) return encodeObject(encoding, value, 'object', depth)
  return encodeInstance(encoding, value, depth)
}

function placeError(encoding: Encoding, error: object, depth: number): EncodedValue {
  const place = encoding.errors.length
  encoding.errors.push({ classes: [] })
  encoding.pending.push({ error, place, depth })
  setPlace(encoding, error, ['error', place])
  return ['error', place]
}

function encodeArray(encoding: Encoding, array: readonly unknown[], depth: number): EncodedValue {
  const { length } = array
  if (length > encoding.partsLeft) throw new OverLimitSignal()
  const items: EncodedValue[] = []
  const place = placeObject(encoding, array, { kind: 'array', items })
  for (let index = 0; index < length; index++) {
    const read = () => (index in array ? array[index] : hole)
    const item = encodeMember(encoding, index, read, depth)
    items.push(item === undefined ? ['undefined'] : item)
  }
  return place
}

function encodeObject(
  encoding: Encoding,
  object: object,
  kind: 'object' | 'null-object',
  depth: number,
): EncodedValue {
  const keys = Object.keys(object)
  if (keys.length > encoding.partsLeft) throw new OverLimitSignal()
  const items: EncodedValue[] = []
  const place = placeObject(encoding, object, { kind, items })
  for (const key of keys) {
    charge(encoding, 0, key.length)
    const item = encodeMember(encoding, key, () => Reflect.get(object, key), depth)
    if (item !== undefined) items.push(encodeText(key), item)
  }
  return place
}

function encodeInstance(encoding: Encoding, value: object, depth: number): EncodedValue {
  if (isRemoteExceptionWrapper(value)) return encodeValue(encoding, value.error, depth)
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value)
    return ['date', Number.isNaN(time) ? null : time]
  }
  if (types.isMap(value)) return encodeMap(encoding, value, depth)
  if (types.isSet(value)) return encodeSet(encoding, value, depth)
  if (types.isRegExp(value)) return encodeValue(encoding, String(value), depth)
  if (types.isBoxedPrimitive(value)) return encodeValue(encoding, value.valueOf(), depth)
  if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) {
    charge(encoding, 0, Math.ceil(value.byteLength / 3) * 4)
    const bytes = encodeBytes(value)
    if (bytes !== undefined) return bytes
  }
  if (isOpaque(value)) throw new UncarriableSignal(describeValue(value))
  const toJson: unknown = Reflect.get(value, 'toJSON')
  if (typeof toJson !== 'function') return encodeObject(encoding, value, 'object', depth)
  const plain: unknown = Reflect.apply(toJson, value, [''])
  // What gives itself has said nothing.
  if (plain === value) return encodeObject(encoding, value, 'object', depth)
  const place = encodeValue(encoding, plain, depth + 1)
  setPlace(encoding, value, place)
  return place
}

function encodeMap(
  encoding: Encoding,
  map: ReadonlyMap<unknown, unknown>,
  depth: number,
): EncodedValue {
  const items: EncodedValue[] = []
  const place = placeObject(encoding, map, { kind: 'map', items })
  let index = 0
  for (const [key, value] of Map.prototype.entries.call(map)) {
    const encodedKey = encodeMember(encoding, index, () => key, depth)
    const item = encodeMember(encoding, index, () => value, depth)
    if (encodedKey !== undefined && item !== undefined) items.push(encodedKey, item)
    index++
  }
  return place
}

function encodeSet(encoding: Encoding, set: ReadonlySet<unknown>, depth: number): EncodedValue {
  const items: EncodedValue[] = []
  const place = placeObject(encoding, set, { kind: 'set', items })
  let index = 0
  for (const value of Set.prototype.values.call(set)) {
    const item = encodeMember(encoding, index++, () => value, depth)
    if (item !== undefined) items.push(item)
  }
  return place
}

/** Writes one member of a container, or notes that it is left out. */
function encodeMember(
  encoding: Encoding,
  key: string | number,
  read: () => unknown,
  depth: number,
): EncodedValue | undefined {
  encoding.path.push(key)
  try {
    return encodeValue(encoding, read(), depth + 1)
  } catch (error) {
    // Whatever else is thrown comes from a getter or a proxy of the user.
    if (error instanceof OverLimitSignal) throw error
    noteDropped(encoding)
    return undefined
  } finally {
    encoding.path.pop()
  }
}

function placeObject(encoding: Encoding, object: object, data: ObjectData): EncodedValue {
  const place: EncodedValue = ['object', encoding.objects.length]
  encoding.objects.push(data)
  setPlace(encoding, object, place)
  return place
}

/** What would arrive as an empty object, all that it is being inside. */
function isOpaque(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isSharedArrayBuffer(value) ||
    types.isKeyObject(value) ||
    types.isCryptoKey(value) ||
    value instanceof WeakRef
  )
}
