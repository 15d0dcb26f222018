/** How much memory a server shares with each worker. */
export interface ChannelLimits {
  /**
   * The capacity of each of the two rings between a server and a worker, in bytes; the next power of
   * two is taken. What has 64 KiB or more, or is larger than half of it, travels in blocks. Default: 256 KiB.
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

/** @throws {RangeError} When a limit is none. */
export function resolveChannelLimits({
  ringBytes = 256 * 1024,
  blockBytes = 256 * 2 ** 20,
}: ChannelLimits): ResolvedLimits {
  check('ringBytes', ringBytes, 4096, 2 ** 30)
  check('blockBytes', blockBytes, 0, Number.MAX_SAFE_INTEGER)
  return { ringBytes, blockBytes }
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}: give a whole number of bytes from ${least} to ${most}`)
}
