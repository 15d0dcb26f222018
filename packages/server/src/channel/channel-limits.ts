/** How much memory a server shares with each worker. */
export interface ChannelLimits {
  /**
   * The capacity of each of the two rings between a server and a worker, in bytes; the next power of
   * two is taken. What has 64 KiB or more, or is larger than half of it, travels in blocks. A batch of
   * items that do not fit in there together is cut. Default: 256 KiB; with batches 16 KiB for each item,
   * from 256 KiB to 4 MiB.
   */
  readonly ringBytes?: number | undefined
  /**
   * The most memory of all blocks for large payloads, in bytes, in each of the two directions. When it
   * is full, what comes next waits; a single payload may be larger. Default: 256 MiB.
   */
  readonly blockBytes?: number | undefined
}

/** The limits with their defaults. */
export type ResolvedLimits = { readonly [Name in keyof ChannelLimits]-?: number }

/**
 * @param batchSize - The most items of a batch; 0 when there are no batches.
 * @throws {RangeError} When a limit is none.
 */
export function resolveChannelLimits(limits: ChannelLimits, batchSize: number): ResolvedLimits {
  const { ringBytes = ringBytesFor(batchSize), blockBytes = 256 * 2 ** 20 } = limits
  check('ringBytes', ringBytes, 4096, 2 ** 30)
  check('blockBytes', blockBytes, 0, Number.MAX_SAFE_INTEGER)
  return { ringBytes, blockBytes }
}

function ringBytesFor(batchSize: number): number {
  return Math.min(Math.max(batchSize * 16 * 1024, 256 * 1024), 4 * 2 ** 20)
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}: give a whole number of bytes from ${least} to ${most}`)
}
