import type { ExportLocation } from '@mpservice/contract'
import type { ExceptionData } from '@mpservice/remote-exception'

/**
 * Items for one worker, and the function that it calls with each of them, one after the other until
 * one fails.
 */
export type Chunk = readonly [
  url: string,
  exportName: string,
  /** Whether an item is a list of arguments. */
  spreads: boolean,
  items: readonly unknown[],
]

/** What became of a chunk. */
export type ChunkAnswer = readonly [
  /** How long the function took for all items together, in milliseconds. */
  tookMs: number,
  /**
   * The results of the items before the first one that failed. Those of several items are encoded, so
   * that one that cannot be carried harms no other.
   */
  results: readonly unknown[] | Uint8Array,
  /** What the item after them threw, if it did. */
  failure: ExceptionData | undefined,
]

/** Where the items of a chunk are in its message, for the paths of what cannot be carried. */
export const itemsPath = '$[3]'

/** The same for the results of an answer. */
export const resultsPath = '$[1]'

export function makeChunk(
  { url, exportName }: ExportLocation,
  spreads: boolean,
  items: readonly unknown[],
): Chunk {
  return [url, exportName, spreads, items]
}
