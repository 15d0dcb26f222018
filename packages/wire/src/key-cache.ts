import { isInheritedName } from './own-property.ts'

/** A short property name in ASCII, as it stands in the bytes and as a string. */
export interface CachedKey {
  readonly text: string
  readonly bytes: readonly number[]
  /** Whether assigning to it might find what `Object.prototype` has, and not add a property. */
  readonly isInherited: boolean
  /** The slot of the key that came after this one the last time. */
  nextSlot: number
}

/**
 * Remembers the names of properties, so that most need not be decoded again; and which came after
 * which, so that most need not even be looked up. Keys refer to each other by slot only, so that
 * one that was replaced is kept by nothing.
 */
export class KeyCache {
  /** Comes before the first key of each object. */
  readonly start: CachedKey = { text: '', bytes: [], isInherited: false, nextSlot: 0 }
  readonly #slots: (CachedKey | undefined)[] = Array.from({ length: slots }, () => undefined)

  /**
   * Gives the key of `length` bytes at `at`, given the one before; `undefined` for one that is not
   * remembered because it is empty or not ASCII.
   */
  find(previous: CachedKey, bytes: Uint8Array, at: number, length: number): CachedKey | undefined {
    const guess = this.#slots[previous.nextSlot]
    if (guess !== undefined && isKeyAt(guess, bytes, at, length)) return guess
    if (length === 0) return undefined
    const edges = bytes[at]! * 7 + bytes[at + length - 1]! * 131
    const slot = (length * 31 + edges + bytes[at + (length >> 1)]! * 17) % slots
    const known = this.#slots[slot]
    const key =
      known !== undefined && isKeyAt(known, bytes, at, length)
        ? known
        : this.#remember(slot, bytes.subarray(at, at + length))
    if (key !== undefined) previous.nextSlot = slot
    return key
  }

  #remember(slot: number, bytes: Uint8Array): CachedKey | undefined {
    const copy = Array.from(bytes)
    if (copy.some((byte) => byte >= 0x80)) return undefined
    const text = String.fromCharCode(...copy)
    const key = { text, bytes: copy, isInherited: isInheritedName(text), nextSlot: 0 }
    this.#slots[slot] = key
    return key
  }
}

function isKeyAt(key: CachedKey, bytes: Uint8Array, at: number, length: number): boolean {
  const expected = key.bytes
  if (expected.length !== length) return false
  for (let i = 0; i < length; i++) if (expected[i] !== bytes[at + i]) return false
  return true
}

const slots = 512
