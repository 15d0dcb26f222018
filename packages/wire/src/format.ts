/*
 * The extension types of the format; PROTOCOL.md says what their payloads are.
 *
 *   -1        timestamp, as MessagePack defines it
 *    0        undefined, and the hole of a sparse array
 *    1 … 63   registered by other packages
 *   64 … 127  this package
 */

export const extTimestamp = -1
export const extUndefined = 0
export const extBigInt = 0x42
export const extRemoteException = 0x45
export const extError = 0x65
export const extGraph = 0x67
export const extMap = 0x6d
export const extBoxed = 0x6f
export const extPointer = 0x70
export const extSet = 0x73
export const extBytes = 0x74
export const extUtf16 = 0x75
export const extRegExp = 0x78

/** The largest type that `registerExtension` takes; the smallest is 1. */
export const maxRegisteredType = 63

/** A class of typed arrays. */
export interface TypedArrayClass {
  readonly name: string
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer): ArrayBufferView
}

/** The classes of typed arrays, each at the place that is its code in `extBytes`. */
export const typedArrayClasses: readonly TypedArrayClass[] = [
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
]

export const codeArrayBuffer = 0x10
export const codeDataView = 0x11

/** Whether the payload of an extension is exactly one value, rather than bytes of its own. */
export function holdsValue(type: number): boolean {
  switch (type) {
    case extRemoteException:
    case extError:
    case extMap:
    case extBoxed:
    case extSet:
    case extRegExp:
      return true
    default:
      return type > extUndefined && type <= maxRegisteredType
  }
}
