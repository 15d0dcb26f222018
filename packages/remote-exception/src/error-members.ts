import { decodeValue, heightOf } from './decode-value.ts'
import { asList, asText, type Decoding, own } from './decoding.ts'
import { defineHidden, plainValue } from './error-properties.ts'
import { hiddenNames, reservedNames } from './exception-data.ts'

/** Gives an error its cause, its `errors` and its fields; says how deep they go and what it refused. */
export function addMembers(
  decoding: Decoding,
  error: Error,
  data: object,
  depth: number,
): { readonly height: number; readonly refused: readonly string[] } {
  const refused: string[] = []
  let height = 0
  const decodeMember = (encoded: unknown) => {
    const value = decodeValue(decoding, encoded, depth + 1)
    height = Math.max(height, heightOf(decoding, encoded) + 1)
    return value
  }
  if (Object.hasOwn(data, 'cause')) defineHidden(error, 'cause', decodeMember(own(data, 'cause')))
  for (const [key, encoded] of readFields(data, 'hidden')) {
    if (hiddenNames.has(key)) defineHidden(error, key, decodeMember(encoded))
  }
  for (const [key, encoded] of readFields(data, 'fields')) {
    if (mayBeField(error, key)) defineField(error, key, decodeMember(encoded))
    else refused.push(key)
  }
  if (error instanceof AggregateError && !Array.isArray(plainValue(error, 'errors'))) {
    defineHidden(error, 'errors', [])
  }
  return { height, refused }
}

function readFields(data: object, key: 'hidden' | 'fields'): [string, unknown][] {
  return asList(own(data, key) ?? [], 'the fields of an error').map((pair) => {
    const [name, value] = asList(pair, 'a field')
    return [asText(name, 'the name of a field'), value]
  })
}

/** A field may not stand for what has its own place in the data, nor hide a method. */
function mayBeField(error: Error, key: string): boolean {
  if (reservedNames.has(key) || key in Object.prototype) return false
  return typeof plainValue(error, key) !== 'function'
}

function defineField(error: Error, key: string, value: unknown): void {
  Reflect.defineProperty(error, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
