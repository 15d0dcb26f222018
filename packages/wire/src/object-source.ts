import type { ByteReader } from './byte-reader.ts'
import type { CodecLimits } from './limits.ts'

/** What the reader of one kind of object reads it from. */
export interface ObjectSource extends ByteReader {
  readonly limits: CodecLimits
  /** Reads a value that is a part of the one being read. */
  readValue(): unknown
  /** Goes one level deeper, if that is allowed. */
  enter(): void
  /** Comes back from where `enter` went. */
  leave(): void
  /** Numbers an object for the pointers that may follow; before its parts are read. */
  note<Made>(object: Made): Made
  /** Numbers an object that can be made only after its parts are read. */
  noteLater(): (object: unknown) => void
  /** Gives the object with a number. */
  noted(number: number): unknown
}
