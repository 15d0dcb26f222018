import { types } from 'node:util'
import { encodeException, isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import {
  extBoxed,
  extError,
  extMap,
  extRegExp,
  extRemoteException,
  extSet,
  extTimestamp,
} from './format.ts'
import type { ObjectSink, ObjectWriter } from './object-sink.ts'
import { propertyStep, Refusal } from './refusal.ts'
import { writeArrayBuffer, writeView } from './write-binary.ts'

/** Gives what writes an object of a class of JavaScript, of this realm or another. */
export function findBuiltInWriter(object: object): ObjectWriter | undefined {
  if (ArrayBuffer.isView(object)) return writeView
  if (types.isDate(object)) return writeDate
  if (types.isMap(object)) return writeMap
  if (types.isSet(object)) return writeSet
  if (isRemoteExceptionWrapper(object)) return writeRemoteException
  if (isError(object)) return writeError
  if (types.isAnyArrayBuffer(object)) return writeArrayBuffer
  if (types.isRegExp(object)) return writeRegExp
  if (types.isBoxedPrimitive(object)) return writeBoxed
  return undefined
}

function writeDate(sink: ObjectSink, object: object): void {
  if (!types.isDate(object)) throw pretender(object, 'Date')
  const timeMs = Date.prototype.getTime.call(object)
  if (Number.isNaN(timeMs)) {
    sink.writeExtensionHeader(extTimestamp, 1)
    sink.writeByte(0xff)
    return
  }
  const seconds = Math.floor(timeMs / 1000)
  const nanoseconds = (timeMs - seconds * 1000) * 1_000_000
  const high = Math.floor(seconds / 0x1_0000_0000)
  if (high === 0 && nanoseconds === 0) sink.writeExtensionHeader(extTimestamp, 4)
  else if (high >= 0 && high < 4) {
    sink.writeExtensionHeader(extTimestamp, 8)
    sink.writeUint32(nanoseconds * 4 + high)
  } else {
    sink.writeExtensionHeader(extTimestamp, 12)
    sink.writeUint32(nanoseconds)
    sink.writeUint32(high)
  }
  sink.writeUint32(seconds)
}

function writeMap(sink: ObjectSink, object: object): void {
  if (!types.isMap(object)) throw pretender(object, 'Map')
  // A copy, because a getter somewhere inside could change the map in the middle.
  const items: unknown[] = []
  Map.prototype.forEach.call(object, (value: unknown, key: unknown) => {
    items.push(key, value)
  })
  sink.writeHolder(extMap, object, () => {
    sink.writeItems(object, items, (index) => mapStep(items, index))
  })
}

function mapStep(items: readonly unknown[], index: number): string {
  const isKey = index % 2 === 0
  const key = items[index - 1]
  if (!isKey && typeof key === 'string') return `.get(${JSON.stringify(key)})`
  return `${isKey ? '.keys()' : '.values()'}[${Math.floor(index / 2)}]`
}

function writeSet(sink: ObjectSink, object: object): void {
  if (!types.isSet(object)) throw pretender(object, 'Set')
  const items: unknown[] = []
  Set.prototype.forEach.call(object, (item: unknown) => {
    items.push(item)
  })
  sink.writeHolder(extSet, object, () => {
    sink.writeItems(object, items, (index) => `.values()[${index}]`)
  })
}

function writeRegExp(sink: ObjectSink, object: object): void {
  if (!types.isRegExp(object)) throw pretender(object, 'RegExp')
  if (sink.limits.peer === 'remote') {
    throw new Refusal('RegExp', 'is a RegExp, which a remote peer does not accept')
  }
  sink.writeHolder(extRegExp, object, () => {
    sink.writeItems(object, [object.source, object.flags], (index) =>
      propertyStep(index === 0 ? 'source' : 'flags'),
    )
  })
}

function writeBoxed(sink: ObjectSink, object: object): void {
  sink.writeHolder(extBoxed, object, () => {
    sink.writeValue(unboxed(object))
  })
}

function unboxed(object: object): unknown {
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object)
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object)
  if (types.isBooleanObject(object)) return Boolean.prototype.valueOf.call(object)
  if (types.isBigIntObject(object)) return BigInt.prototype.valueOf.call(object)
  if (types.isSymbolObject(object)) return Symbol.prototype.valueOf.call(object)
  throw pretender(object, 'boxed primitive')
}

function writeError(sink: ObjectSink, object: object): void {
  sink.writeSealedHolder(extError, object, () => {
    sink.writeValue(encodeException(object, { origin: sink.limits.origin }))
  })
}

function writeRemoteException(sink: ObjectSink, object: object): void {
  if (!isRemoteExceptionWrapper(object)) throw pretender(object, 'RemoteException')
  sink.writeSealedHolder(extRemoteException, object, () => {
    sink.writeValue(encodeException(object, { origin: sink.limits.origin }))
  })
}

/** An error of this realm or another; `DOMException` is one although it is not made by the engine. */
function isError(object: object): boolean {
  return types.isNativeError(object) || object instanceof Error
}

/** For an object that has the prototype of a class and is none of its instances. */
function pretender(object: object, name: string): Refusal {
  const kind = types.isProxy(object) ? 'Proxy' : 'object'
  return new Refusal(kind, `is no ${name} although it has the prototype of one`)
}
