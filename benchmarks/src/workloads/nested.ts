import { isDeepStrictEqual } from 'node:util'
import type { Exchange } from '../exchange.ts'

/** A record with nested objects and arrays: 200 bytes as JSON when `id` has five digits. */
export interface NestedRecord {
  readonly id: number
  readonly name: string
  readonly tags: readonly string[]
  readonly position: { readonly x: number; readonly y: number; readonly z: number }
  readonly parts: readonly { readonly kind: string; readonly count: number }[]
  readonly isActive: boolean
  readonly note: null
}

/** A new record with its own id. */
export function nestedRecord(id: number): NestedRecord {
  return {
    id,
    name: 'one sample record',
    tags: ['red', 'green', 'blue'],
    position: { x: 1.5, y: -2.25, z: 1000 },
    parts: [
      { kind: 'wheel', count: 4 },
      { kind: 'bell', count: 1 },
    ],
    isActive: true,
    note: null,
  }
}

/** Sends nested records, each call one with another id, and expects each back. */
export const nestedRecords: Exchange = {
  inputFor: (call) => nestedRecord(10_000 + (call % 90_000)),
  isRight: (output, input) =>
    isRecord(output) &&
    isRecord(input) &&
    output.id === input.id &&
    output.position.z === input.position.z &&
    output.parts[1]?.kind === 'bell',
  isExactlyRight: (output, input) => isDeepStrictEqual(output, input),
}

function isRecord(value: unknown): value is NestedRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'position' in value &&
    'parts' in value
  )
}
