/**
 * Frames: the length of the rest (u32), a kind (u8), and the value. Numbers are eight bytes, byte
 * arrays are themselves, anything else is JSON.
 */
const headerBytes = 5
const kinds = { number: 0, bytes: 1, json: 2 }

/** Frames are collected in memory of this size; larger byte arrays are written from where they are. */
const slabBytes = 2 ** 16

/** Writes values as frames, many in one write. */
export class RawFrameWriter {
  readonly #write: (bytes: Uint8Array) => void
  #slab = Buffer.allocUnsafeSlow(slabBytes)
  #start = 0
  #end = 0

  /** @param write - Gets bytes that are never changed after that. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  /** Takes a value; it is written by `flush`, or earlier when there is much to be written. */
  push(value: unknown): void {
    if (typeof value === 'number') {
      this.#reserve(headerBytes + 8)
      this.#header(kinds.number, 8)
      this.#slab.writeDoubleLE(value, this.#end)
      this.#end += 8
    } else if (value instanceof Uint8Array) {
      this.#pushBytes(kinds.bytes, value)
    } else {
      this.#pushBytes(kinds.json, Buffer.from(JSON.stringify(value)))
    }
  }

  /** Writes what has been taken. */
  flush(): void {
    if (this.#end === this.#start) return
    this.#write(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  #pushBytes(kind: number, bytes: Uint8Array): void {
    const fits = bytes.length <= slabBytes / 4
    this.#reserve(headerBytes + (fits ? bytes.length : 0))
    this.#header(kind, bytes.length)
    if (fits) {
      this.#slab.set(bytes, this.#end)
      this.#end += bytes.length
    } else {
      this.flush()
      this.#write(bytes)
    }
  }

  #header(kind: number, bytes: number): void {
    this.#slab.writeUInt32LE(1 + bytes, this.#end)
    this.#slab[this.#end + 4] = kind
    this.#end += headerBytes
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= slabBytes) return
    this.flush()
    this.#slab = Buffer.allocUnsafeSlow(slabBytes)
    this.#start = 0
    this.#end = 0
  }
}

/** Finds the values in a stream of bytes that comes in pieces of any size. */
export class RawFrameReader {
  /** A frame of which a part has come: its first bytes until its length is known, then its room. */
  #partial: Buffer | undefined
  #filled = 0

  /** Gives every value that is complete; byte arrays may be views of `piece`. */
  push(piece: Buffer, onValue: (value: unknown) => void): void {
    let rest = piece
    while (this.#partial !== undefined && rest.length > 0) rest = this.#fill(rest, onValue)
    let offset = 0
    for (;;) {
      const left = rest.length - offset
      if (left < 4) break
      const end = offset + 4 + rest.readUInt32LE(offset)
      if (end > rest.length) break
      onValue(readValue(rest, offset + 4, end))
      offset = end
    }
    if (offset < rest.length) this.#keep(rest.subarray(offset))
  }

  #keep(bytes: Buffer): void {
    const isLengthKnown = bytes.length >= 4
    this.#partial = Buffer.allocUnsafeSlow(isLengthKnown ? 4 + bytes.readUInt32LE(0) : 4)
    this.#partial.set(bytes)
    this.#filled = bytes.length
  }

  /** Adds to the partial frame; gives the bytes behind it. */
  #fill(bytes: Buffer, onValue: (value: unknown) => void): Buffer {
    const partial = this.#partial ?? Buffer.alloc(0)
    const taken = Math.min(bytes.length, partial.length - this.#filled)
    partial.set(bytes.subarray(0, taken), this.#filled)
    this.#filled += taken
    if (this.#filled === partial.length) {
      if (partial.length === 4) {
        this.#keep(partial)
      } else {
        this.#partial = undefined
        onValue(readValue(partial, 4, partial.length))
      }
    }
    return bytes.subarray(taken)
  }
}

function readValue(frame: Buffer, start: number, end: number): unknown {
  const kind = frame[start]
  if (kind === kinds.number) return frame.readDoubleLE(start + 1)
  const bytes = frame.subarray(start + 1, end)
  return kind === kinds.bytes ? bytes : JSON.parse(bytes.toString())
}
