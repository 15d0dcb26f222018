import { types } from 'node:util'

/**
 * Whether two values are the same and hold the same objects in the same places: where one of them
 * mentions an object twice, the other does too.
 */
export function isSameGraph(left: unknown, right: unknown): boolean {
  return isSame(left, right, new Map(), new Map())
}

type Pairs = Map<object, object>

function isSame(left: unknown, right: unknown, pairs: Pairs, reverse: Pairs): boolean {
  if (!isObject(left) || !isObject(right)) return Object.is(left, right)
  if (pairs.has(left) || reverse.has(right)) {
    return pairs.get(left) === right && reverse.get(right) === left
  }
  pairs.set(left, right)
  reverse.set(right, left)
  const leftParts = partsOf(left)
  const rightParts = partsOf(right)
  return (
    leftParts.length === rightParts.length &&
    leftParts.every((part, index) => isSame(part, rightParts[index], pairs, reverse))
  )
}

function partsOf(object: object): readonly unknown[] {
  if (types.isMap(object)) return ['Map', ...[...object].flat()]
  if (types.isSet(object)) return ['Set', ...object]
  if (types.isDate(object)) return ['Date', object.getTime()]
  if (Array.isArray(object)) return ['Array', object.length, ...Object.entries(object).flat()]
  return ['Object', ...Object.entries(object).flat()]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
