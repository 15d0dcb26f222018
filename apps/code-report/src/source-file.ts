import { readFile } from 'node:fs/promises'

/** A file that is to be reported on, before it is read. */
export interface SourceEntry {
  /** Its place in the report, from 0. */
  readonly index: number
  /** How the report calls it: relative to the folder, with slashes. */
  readonly path: string
  /** Where it is. */
  readonly absolutePath: string
  readonly sizeBytes: number
  /** The label of its language. */
  readonly language: string
}

/** A file with its text, as it goes to the members of the ensemble. */
export interface SourceFile {
  readonly index: number
  readonly path: string
  readonly language: string
  readonly sizeBytes: number
  readonly text: string
}

/** Files above this size are not processed; the report says so. */
export const maxFileBytes = 1024 * 1024

/** A file is larger than `maxFileBytes`. */
export class FileTooLargeError extends Error {
  static {
    this.prototype.name = 'FileTooLargeError'
  }

  readonly sizeBytes: number
  readonly maxFileBytes: number

  constructor(path: string, facts: { readonly sizeBytes: number; readonly maxFileBytes: number }) {
    super(`${path} has ${facts.sizeBytes} bytes, more than ${facts.maxFileBytes}`)
    this.sizeBytes = facts.sizeBytes
    this.maxFileBytes = facts.maxFileBytes
  }
}

/** A file holds a zero byte, which no source text does. */
export class BinaryFileError extends Error {
  static {
    this.prototype.name = 'BinaryFileError'
  }

  /** Where the first zero byte is. */
  readonly offset: number

  constructor(path: string, offset: number) {
    super(`${path} is not text: byte ${offset} is zero`)
    this.offset = offset
  }
}

/**
 * Reads a file as UTF-8 text; what is no UTF-8 becomes replacement characters.
 *
 * @throws {FileTooLargeError} When it has more than `maxFileBytes`, before it is read.
 * @throws {BinaryFileError} When it holds a zero byte.
 * Errors of the file system are thrown as they are.
 */
export async function readSource(entry: SourceEntry): Promise<SourceFile> {
  const { index, path, language } = entry
  if (entry.sizeBytes > maxFileBytes) {
    throw new FileTooLargeError(path, { sizeBytes: entry.sizeBytes, maxFileBytes })
  }
  const bytes = await readFile(entry.absolutePath)
  const zero = bytes.indexOf(0)
  if (zero !== -1) throw new BinaryFileError(path, zero)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  return { index, path, language, sizeBytes: bytes.length, text }
}
