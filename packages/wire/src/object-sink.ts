import type { CodecLimits } from './limits.ts'
import type { ScalarWriter } from './scalar-writer.ts'

/** What the writer of one kind of object writes it to. */
export interface ObjectSink extends ScalarWriter {
  readonly limits: CodecLimits
  /** Writes a value that is a part of the one being written. */
  writeValue(value: unknown): void
  /** Writes own enumerable properties with string keys, whatever the class of the object is. */
  writeProperties(object: object): void
  /** Writes an array; `step` names an item in the path of an `EncodeError`. */
  writeItems(owner: object, items: readonly unknown[], step: (index: number) => string): void
  /** Writes an extension whose payload is what `write` writes, which is one value. */
  writeHolder(type: number, owner: object, write: () => void): void
  /** The same where the other side makes the object only after it has read all inside. */
  writeSealedHolder(type: number, owner: object, write: () => void): void
}

/** Writes an object of one kind; refuses it when it only looks like one. */
export type ObjectWriter = (sink: ObjectSink, object: object) => void
