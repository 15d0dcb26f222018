import { types } from 'node:util'

/** Writes binary data as its kind and base64, or gives `undefined` for a kind that is not known. */
export function encodeBytes(
  value: ArrayBufferView | ArrayBuffer,
): readonly ['bytes', string, string] | undefined {
  if (Buffer.isBuffer(value)) return ['bytes', 'Buffer', value.toString('base64')]
  if (!ArrayBuffer.isView(value)) {
    return ['bytes', 'ArrayBuffer', Buffer.from(value).toString('base64')]
  }
  const kind = types.isDataView(value) ? 'DataView' : typedArrayKind(value)
  if (kind === undefined) return undefined
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return ['bytes', kind, bytes.toString('base64')]
}

/** Makes binary data of a kind on memory of its own, or gives `undefined` where that is not possible. */
export function decodeBytes(kind: string, base64: string): object | undefined {
  const decoded = Buffer.from(base64, 'base64')
  // Small buffers are cut from a shared pool, whose other content must not be reachable.
  const memory = new ArrayBuffer(decoded.byteLength)
  new Uint8Array(memory).set(decoded)
  if (kind === 'ArrayBuffer') return memory
  if (kind === 'DataView') return new DataView(memory)
  if (kind === 'Buffer') return Buffer.from(memory)
  const View = typedArrays.get(kind)
  if (View === undefined || memory.byteLength % View.BYTES_PER_ELEMENT !== 0) return undefined
  return new View(memory)
}

interface TypedArrayClass {
  readonly BYTES_PER_ELEMENT: number
  new (memory: ArrayBuffer): object
}

const typedArrays: ReadonlyMap<string, TypedArrayClass> = new Map<string, TypedArrayClass>(
  Object.entries({
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  }),
)

const readKind = Reflect.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get

/** The kind that a typed array really is, whatever its class says. */
function typedArrayKind(value: ArrayBufferView): string | undefined {
  const kind: unknown = readKind && Reflect.apply(readKind, value, [])
  return typeof kind === 'string' && typedArrays.has(kind) ? kind : undefined
}
