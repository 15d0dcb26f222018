/*
 * After the bytes of a block, at the next multiple of 8, is its label; numbers are little-endian:
 *
 *   byte  0  magic: mpsblk and the version of this layout, 16 bits
 *   byte  8  how many bytes the block has, 64 bits
 *   byte 16  nonce
 */

export const labelBytes = 32
const magic = Buffer.from('mpsblk\x01\x00', 'latin1')

/** How much memory a block of this size takes with its label. */
export function labelledBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 8) * 8 + labelBytes
}

/** Writes the label of a block. */
export function writeLabel(label: Uint8Array, facts: { sizeBytes: number; nonce: string }): void {
  label.set(encodeLabel(facts))
}

/** What is wrong with the label of a block, if anything. */
export function checkLabel(
  label: Uint8Array,
  facts: { readonly sizeBytes: number; readonly nonce: string },
): 'label' | 'nonce' | undefined {
  const expected = encodeLabel(facts)
  const isEqual = (start: number, end: number): boolean =>
    expected.subarray(start, end).equals(label.subarray(start, end))
  if (!isEqual(0, 16)) return 'label'
  return isEqual(16, labelBytes) ? undefined : 'nonce'
}

function encodeLabel(facts: { readonly sizeBytes: number; readonly nonce: string }): Buffer {
  const label = Buffer.alloc(labelBytes)
  magic.copy(label)
  label.writeBigUInt64LE(BigInt(facts.sizeBytes), 8)
  label.write(facts.nonce, 16, 'hex')
  return label
}
