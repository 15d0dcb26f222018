/** Eight bytes in the order of this machine, as whichever number they are. */
export const eightBytes: Uint8Array = new Uint8Array(8)
export const asFloat64: Float64Array = new Float64Array(eightBytes.buffer)
export const asInt64: BigInt64Array = new BigInt64Array(eightBytes.buffer)

/** Where the byte is that the format has first: 7 on machines that are little-endian, else 0. */
export const mostSignificant: 0 | 7 =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 7 : 0
