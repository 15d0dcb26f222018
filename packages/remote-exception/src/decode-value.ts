import { decodeBytes } from './bytes.ts'
import {
  asList,
  asRecord,
  asText,
  countParts,
  type Decoding,
  MalformedSignal,
  own,
} from './decoding.ts'
import { NotCarriedError } from './errors.ts'

/** Makes the value that an `EncodedValue` stands for. */
export function decodeValue(decoding: Decoding, value: unknown, depth: number): unknown {
  countParts(decoding, 1)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  const [kind, content, more] = asList(value, 'a value')
  switch (kind) {
    case 'undefined':
    case 'hole':
      return undefined
    case 'text':
      return asText(value, 'a value')
    case 'number':
      return specialNumber(content)
    case 'bigint':
      return bigint(content, decoding.maxBigIntDigits)
    case 'date':
      return new Date(typeof content === 'number' ? content : Number.NaN)
    case 'bytes':
      return bytes(content, more)
    case 'error':
    case 'object':
      return decodeReference(decoding, kind, content, depth)
    default:
      throw new MalformedSignal('a value is of an unknown kind')
  }
}

/** How deep the value goes that was made of an `EncodedValue`. */
export function heightOf(decoding: Decoding, value: unknown): number {
  if (!Array.isArray(value)) return 0
  const [kind, place]: readonly unknown[] = value
  if (typeof place !== 'number') return 0
  const heights = kind === 'error' ? decoding.errorHeights : decoding.objectHeights
  return (kind === 'error' || kind === 'object' ? heights.get(place) : undefined) ?? 0
}

function specialNumber(text: unknown): number {
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity' || text === '-0')
    return Number(text)
  throw new MalformedSignal('a value is no number')
}

function bigint(digits: unknown, maxDigits: number): bigint {
  if (typeof digits !== 'string' || digits.length > maxDigits || !/^-?[\da-f]+$/.test(digits)) {
    throw new MalformedSignal('a value is no bigint')
  }
  const isNegative = digits.startsWith('-')
  const magnitude = BigInt(`0x${isNegative ? digits.slice(1) : digits}`)
  return isNegative ? -magnitude : magnitude
}

function bytes(kind: unknown, base64: unknown): object {
  const made =
    typeof kind === 'string' && typeof base64 === 'string' ? decodeBytes(kind, base64) : undefined
  if (made === undefined) throw new MalformedSignal('a value is no binary data')
  return made
}

function decodeReference(
  decoding: Decoding,
  kind: 'error' | 'object',
  place: unknown,
  depth: number,
): object {
  const list = kind === 'error' ? decoding.errors : decoding.objects
  const made = kind === 'error' ? decoding.madeErrors : decoding.madeObjects
  const heights = kind === 'error' ? decoding.errorHeights : decoding.objectHeights
  if (typeof place !== 'number' || !Object.hasOwn(list, place)) {
    throw new MalformedSignal('a reference leads nowhere')
  }
  if (depth + (heights.get(place) ?? 0) > decoding.maxDepth) {
    return new NotCarriedError(
      `what is nested deeper than ${decoding.maxDepth} levels was not carried`,
    )
  }
  const present = made.get(place)
  if (present !== undefined) {
    if (kind === 'error' || decoding.sharesObjects) return present
    return new NotCarriedError('an object that is mentioned twice was not carried')
  }
  const data = asRecord(list[place], `an ${kind}`)
  if (kind === 'error') return decoding.reviveError(decoding, data, place, depth)
  return decodeObject(decoding, data, place, depth)
}

function decodeObject(decoding: Decoding, data: object, place: number, depth: number): object {
  const items = asList(own(data, 'items'), 'the items of an object')
  const { container, width, add } = makeContainer(own(data, 'kind'))
  if (items.length % width !== 0) throw new MalformedSignal('a key has no value')
  decoding.madeObjects.set(place, container)
  let height = 0
  const decodeItem = (item: unknown) => {
    const value = decodeValue(decoding, item, depth + 1)
    height = Math.max(height, heightOf(decoding, item) + 1)
    return value
  }
  for (let index = 0; index < items.length; index += width) {
    const first = decodeItem(items[index])
    const second = width === 2 ? decodeItem(items[index + 1]) : undefined
    add(first, second, isHole(items[index]))
  }
  decoding.objectHeights.set(place, height)
  return container
}

function isHole(item: unknown): boolean {
  return Array.isArray(item) && item[0] === 'hole'
}

interface Container {
  readonly container: object
  /** How many items make one member. */
  readonly width: 1 | 2
  readonly add: (first: unknown, second: unknown, isHole: boolean) => void
}

function makeContainer(kind: unknown): Container {
  switch (kind) {
    case 'array': {
      const container: unknown[] = []
      const add = (item: unknown, _: unknown, hole: boolean) => {
        if (hole) container.length++
        else container.push(item)
      }
      return { container, width: 1, add }
    }
    case 'set': {
      const container = new Set()
      return { container, width: 1, add: (item) => container.add(item) }
    }
    case 'map': {
      const container = new Map()
      return { container, width: 2, add: (key, value) => container.set(key, value) }
    }
    case 'object':
    case 'null-object': {
      const container: object = kind === 'object' ? {} : Object.create(null)
      return { container, width: 2, add: (key, value) => define(container, key, value) }
    }
    default:
      throw new MalformedSignal('an object is of an unknown kind')
  }
}

function define(container: object, key: unknown, value: unknown): void {
  if (typeof key !== 'string') throw new MalformedSignal('a key is no text')
  Reflect.defineProperty(container, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
