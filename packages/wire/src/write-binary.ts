import { types } from 'node:util'
import { codeArrayBuffer, codeDataView, extBytes, typedArrayClasses } from './format.ts'
import type { ObjectSink } from './object-sink.ts'
import { Refusal } from './refusal.ts'

/** A `Buffer`, typed array or `DataView`: what it shows of its memory, not the rest. */
export function writeView(sink: ObjectSink, object: object): void {
  if (!ArrayBuffer.isView(object)) throw new Refusal('object', 'is no view although it looks so')
  if (object.byteLength === 0) assertAttached(object.buffer, object)
  if (object instanceof Buffer) {
    sink.writeBinary(object)
    return
  }
  const code = codeOf(object)
  writeCoded(sink, code, new Uint8Array(object.buffer, object.byteOffset, object.byteLength))
}

/** An `ArrayBuffer`; shared memory is refused, since a copy would not be shared. */
export function writeArrayBuffer(sink: ObjectSink, object: object): void {
  if (types.isSharedArrayBuffer(object)) {
    throw new Refusal('SharedArrayBuffer', 'is of class SharedArrayBuffer, which cannot be carried')
  }
  if (!types.isArrayBuffer(object)) {
    throw new Refusal('object', 'is no ArrayBuffer although it looks so')
  }
  if (object.byteLength === 0) assertAttached(object, object)
  writeCoded(sink, codeArrayBuffer, new Uint8Array(object))
}

function writeCoded(sink: ObjectSink, code: number, bytes: Uint8Array): void {
  sink.reserve(bytes.length)
  sink.writeExtensionHeader(extBytes, bytes.length + 1)
  sink.writeByte(code)
  sink.writeBytes(bytes)
}

function codeOf(view: ArrayBufferView): number {
  if (types.isDataView(view)) return codeDataView
  // The class that the memory is read as, whatever subclass or realm the object is of.
  const name: unknown = Reflect.get(typedArrayPrototype, Symbol.toStringTag, view)
  const code = codes.get(String(name))
  if (code === undefined)
    throw new Refusal(String(name), `is of class ${String(name)}, which cannot be carried`)
  return code
}

function assertAttached(buffer: ArrayBufferLike, object: object): void {
  try {
    Reflect.construct(Uint8Array, [buffer])
  } catch {
    const name = `detached ${ArrayBuffer.isView(object) ? 'view' : 'ArrayBuffer'}`
    throw new Refusal(name, `is a ${name}, whose memory is gone`)
  }
}

const typedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype)
const codes: ReadonlyMap<string, number> = new Map(
  typedArrayClasses.map(({ name }, code) => [name, code]),
)
