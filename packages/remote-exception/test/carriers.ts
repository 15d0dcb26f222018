import { deserialize, serialize } from 'node:v8'
import {
  decodeException,
  encodeException,
  type EncodeExceptionOptions,
  type ExceptionData,
} from '@mpservice/remote-exception'

/** The encodings that every exception data must pass unchanged. */
export const carriers: readonly (readonly [string, (data: ExceptionData) => unknown])[] = [
  ['JSON', (data) => JSON.parse(JSON.stringify(data))],
  ['structured clone', (data) => structuredClone(data)],
  ['v8 serialization', (data) => deserialize(serialize(data))],
]

/** Sends a thrown value as JSON text and revives it. */
export function sendAsJson(thrown: unknown, options?: EncodeExceptionOptions): unknown {
  return decodeException(JSON.parse(JSON.stringify(encodeException(thrown, options))))
}

/** Like `sendAsJson`, for what must arrive as an error. */
export function sendError(thrown: unknown, options?: EncodeExceptionOptions): Error {
  const arrived = sendAsJson(thrown, options)
  if (arrived instanceof Error) return arrived
  throw new TypeError('what arrived is no error', { cause: arrived })
}

/**
 * Says where data holds something that JSON, structured clone or msgpack would change: `undefined`
 * when there is nothing of the kind.
 */
export function findUnplain(value: unknown, path = '$'): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? path : undefined
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? undefined : path
  }
  if (typeof value !== 'object') return path
  const isPlain = Array.isArray(value)
    ? Object.keys(value).length === value.length
    : Object.getPrototypeOf(value) === Object.prototype && !Object.hasOwn(value, '__proto__')
  if (!isPlain || Object.getOwnPropertySymbols(value).length > 0) return path
  for (const [key, member] of Object.entries(value)) {
    const found = findUnplain(key, `${path}.${key}`) ?? findUnplain(member, `${path}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** How deep arrays and objects are nested. */
export function nestingOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(nestingOf))
}
