import { extensionOfType } from './extensions.ts'
import {
  codeArrayBuffer,
  codeDataView,
  extBigInt,
  extBoxed,
  extBytes,
  extError,
  extMap,
  extPointer,
  extRegExp,
  extRemoteException,
  extSet,
  extTimestamp,
  extUndefined,
  extUtf16,
  maxRegisteredType,
  typedArrayClasses,
} from './format.ts'
import type { CodecLimits } from './limits.ts'

/**
 * Says what is wrong with an extension, as far as its type, its length and the first byte of its
 * payload tell; `undefined` for one that is accepted.
 */
export function findExtensionFault(
  type: number,
  length: number,
  firstByte: number,
  limits: CodecLimits,
): string | undefined {
  switch (type) {
    case extUndefined:
      return length === 1 && firstByte <= 1 ? undefined : wrongLength(type, length)
    case extTimestamp:
      return [1, 4, 8, 12].includes(length) ? undefined : wrongLength(type, length)
    case extBigInt:
      if (length > limits.maxBigIntBytes) {
        return `a BigInt of ${length} bytes is over the limit of ${limits.maxBigIntBytes}`
      }
      return length > 0 ? undefined : wrongLength(type, length)
    case extUtf16:
      return length % 2 === 0 ? undefined : wrongLength(type, length)
    case extBytes:
      return isWholeItems(length - 1, firstByte) ? undefined : wrongLength(type, length)
    case extPointer:
      if (limits.peer === 'remote') return 'a remote peer may not send pointers'
      return [1, 2, 4].includes(length) ? undefined : wrongLength(type, length)
    case extRegExp:
      return limits.peer === 'remote' ? 'a remote peer may not send a RegExp' : undefined
    case extBoxed:
    case extError:
    case extMap:
    case extRemoteException:
    case extSet:
      return undefined
    default:
      return findRegisteredFault(type, limits)
  }
}

function findRegisteredFault(type: number, limits: CodecLimits): string | undefined {
  const extension = type > 0 && type <= maxRegisteredType ? extensionOfType(type) : undefined
  if (extension === undefined) return `extension type ${type} is unknown here`
  return limits.peer === 'remote' && !extension.remote
    ? `a remote peer may not send extension type ${type}`
    : undefined
}

function wrongLength(type: number, length: number): string {
  return `extension ${type} cannot have this payload of ${length} bytes`
}

function isWholeItems(length: number, code: number): boolean {
  if (length < 0) return false
  if (code === codeArrayBuffer || code === codeDataView) return true
  const itemBytes = typedArrayClasses[code]?.BYTES_PER_ELEMENT
  return itemBytes !== undefined && length % itemBytes === 0
}
