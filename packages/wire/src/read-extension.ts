import { decodeException, RemoteException } from '@mpservice/remote-exception'
import { findExtensionFault } from './extension-rules.ts'
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
  typedArrayClasses,
} from './format.ts'
import type { ObjectSource } from './object-source.ts'

/** Reads the payload of an extension, which follows, all of it being there. */
export function readExtension(source: ObjectSource, type: number, length: number): unknown {
  const { bytes, position, limits } = source
  const fault = findExtensionFault(type, length, bytes[position]!, limits)
  if (fault !== undefined) throw source.fail(fault)
  switch (type) {
    case extUndefined:
      if (source.readUint8() === 1) throw source.fail('a hole stands outside of an array')
      return undefined
    case extTimestamp:
      return source.note(readDate(source, length))
    case extBigInt:
      return readBigInt(source, length)
    case extUtf16:
      source.skip(length)
      return bytes.toString('utf16le', position, position + length)
    case extBytes:
      return source.note(readView(source, length))
    case extPointer:
      return source.noted(readPointer(source, length))
    default: {
      source.enter()
      const object = readHolder(source, type)
      source.leave()
      if (source.position === position + length) return object
      throw source.fail(`extension ${type} says that its payload is ${length} bytes, and it is not`)
    }
  }
}

function readHolder(source: ObjectSource, type: number): unknown {
  switch (type) {
    case extSet:
      return readSet(source)
    case extMap:
      return readMap(source)
    case extRegExp:
      return source.note(readRegExp(source))
    case extBoxed:
      return readBoxed(source)
    case extError:
      return readLater(source, (data) => errorOf(source, data))
    case extRemoteException:
      return readLater(source, (data) => new RemoteException(decodeThrown(source, data)))
    default:
      return readLater(source, (data) => decodeByExtension(source, type, data))
  }
}

function errorOf(source: ObjectSource, data: unknown): unknown {
  const error = decodeThrown(source, data)
  if (error instanceof Error) return error
  throw source.fail('an error is none')
}

/** A remote peer's exceptions are held to the limits of its other values. */
function decodeThrown({ limits }: ObjectSource, data: unknown): unknown {
  if (limits.peer === 'child') return decodeException(data)
  const { maxDepth, maxElements, maxBigIntBytes } = limits
  return decodeException(data, {
    maxDepth,
    maxBigIntBytes,
    // Twice what a sender cuts stacks to.
    maxTextChars: 262_144,
    maxParts: maxElements,
    sharesObjects: false,
  })
}

function readLater(source: ObjectSource, make: (data: unknown) => unknown): unknown {
  const note = source.noteLater()
  const made = make(source.readValue())
  note(made)
  return made
}

function decodeByExtension(source: ObjectSource, type: number, data: unknown): unknown {
  try {
    return extensionOfType(type)?.decode(data)
  } catch (error) {
    throw source.fail(`extension ${type} threw`, { cause: error })
  }
}

function readSet(source: ObjectSource): Set<unknown> {
  const set = source.note(new Set<unknown>())
  source.enter()
  const count = readArrayLength(source)
  for (let index = 0; index < count; index++) set.add(source.readValue())
  source.leave()
  return set
}

function readMap(source: ObjectSource): Map<unknown, unknown> {
  const map = source.note(new Map<unknown, unknown>())
  source.enter()
  const count = readArrayLength(source)
  if (count % 2 !== 0) throw source.fail('a key of a map has no value')
  for (let index = 0; index < count; index += 2) map.set(source.readValue(), source.readValue())
  source.leave()
  return map
}

/** An array that is no object itself but the inside of one. */
function readArrayLength(source: ObjectSource): number {
  const token = source.readUint8()
  const isShort = token >= 0x90 && token < 0xa0
  if (!isShort && token !== 0xdc && token !== 0xdd) throw source.fail('an array is missing')
  if (isShort) return token & 0x0f
  const length = token === 0xdc ? source.readUint16() : source.readUint32()
  source.assertLeft(length)
  return length
}

function readRegExp(source: ObjectSource): RegExp {
  source.enter()
  const count = readArrayLength(source)
  const pattern = count === 2 ? source.readValue() : undefined
  const flags = count === 2 ? source.readValue() : undefined
  source.leave()
  if (typeof pattern === 'string' && typeof flags === 'string') return new RegExp(pattern, flags)
  throw source.fail('a RegExp is no pair of strings')
}

function readBoxed(source: ObjectSource): unknown {
  const note = source.noteLater()
  const primitive = source.readValue()
  if (primitive === null || typeof primitive === 'object' || primitive === undefined) {
    throw source.fail('what is boxed is no primitive')
  }
  const boxed: unknown = Object(primitive)
  note(boxed)
  return boxed
}

function readDate(source: ObjectSource, length: number): Date {
  if (length === 1) {
    source.skip(1)
    return new Date(Number.NaN)
  }
  if (length === 4) return new Date(source.readUint32() * 1000)
  const first = source.readUint32()
  if (length === 12) return dateOf(source.readInt32() * 0x1_0000_0000 + source.readUint32(), first)
  return dateOf((first & 3) * 0x1_0000_0000 + source.readUint32(), first >>> 2)
}

function dateOf(seconds: number, nanoseconds: number): Date {
  return new Date(seconds * 1000 + Math.floor(nanoseconds / 1_000_000))
}

function readBigInt(source: ObjectSource, length: number): bigint {
  const at = source.skip(length)
  if (length === 8) return source.bytes.readBigInt64BE(at)
  const magnitude = BigInt(`0x${source.bytes.toString('hex', at, at + length)}`)
  return BigInt.asIntN(length * 8, magnitude)
}

function readPointer(source: ObjectSource, length: number): number {
  if (length === 1) return source.readUint8()
  return length === 2 ? source.readUint16() : source.readUint32()
}

function readView(source: ObjectSource, length: number): ArrayBuffer | ArrayBufferView {
  const code = source.readUint8()
  const start = source.skip(length - 1)
  const buffer = copyOut(source.bytes, start, start + length - 1)
  if (code === codeArrayBuffer) return buffer
  if (code === codeDataView) return new DataView(buffer)
  const Class = typedArrayClasses[code]
  if (Class === undefined) throw source.fail(`typed array ${code} is unknown`)
  return new Class(buffer)
}

/** Memory of its own, also when the bytes are in shared memory. */
function copyOut(bytes: Buffer, start: number, end: number): ArrayBuffer {
  // Not zeroed first, and not from the pool, so that the buffer is nothing but these bytes.
  const copy = Buffer.allocUnsafeSlow(end - start)
  bytes.copy(copy, 0, start, end)
  return copy.buffer
}
