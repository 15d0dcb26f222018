/**
 * Who is at the other end: `child` is a process or thread that this program started, `remote` is
 * anybody else, whose bytes may be hostile.
 */
export type Peer = 'child' | 'remote'

/** How much one codec carries; each limit holds for encoding as for decoding. */
export interface CodecOptions {
  /** Who is at the other end; it decides what is carried and the defaults of the limits. */
  readonly peer: Peer
  /**
   * How many objects, arrays, maps, … may be open at once.
   *
   * @default 1_000 for a child, 64 for a remote peer
   */
  readonly maxDepth?: number | undefined
  /**
   * How many values there may be in all: each element, key and value of a container is one.
   *
   * @default unlimited for a child, 1_000_000 for a remote peer
   */
  readonly maxElements?: number | undefined
  /**
   * The bytes of one encoded value, at most 4 GiB less one.
   *
   * @default 1 GiB for a child, 16 MiB for a remote peer
   */
  readonly maxFrameBytes?: number | undefined
  /**
   * What errors that are encoded here say about the place they come from, as of
   * `describeOrigin('adder')` of `@mpservice/remote-exception`.
   */
  readonly origin?: string | undefined
}

/** `CodecOptions` with defaults filled in, and what follows from the peer. */
export interface CodecLimits {
  readonly peer: Peer
  readonly maxDepth: number
  readonly maxElements: number
  readonly maxFrameBytes: number
  readonly maxBigIntBytes: number
  readonly origin: string | undefined
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} When a limit is no integer above zero.
 * @throws {TypeError} When there is no such peer.
 */
export function resolveLimits(options: CodecOptions): CodecLimits {
  const { peer, origin } = options
  const isChild = isChildPeer(peer)
  return {
    peer,
    maxDepth: limitOr(isChild ? 1_000 : 64, 'maxDepth', options.maxDepth),
    maxElements: limitOr(isChild ? Infinity : 1_000_000, 'maxElements', options.maxElements),
    maxFrameBytes: resolveMaxFrameBytes(options),
    maxBigIntBytes: isChild ? Infinity : 1_024,
    origin,
  }
}

/**
 * Gives the largest payload of a frame for a peer, or as it was asked for.
 *
 * @throws {RangeError} When it is no integer above zero, or more than a length of 32 bits says.
 */
export function resolveMaxFrameBytes(options: {
  readonly peer: Peer
  readonly maxFrameBytes?: number | undefined
}): number {
  const byPeer = isChildPeer(options.peer) ? 1024 ** 3 : 16 * 1024 ** 2
  const limit = limitOr(byPeer, 'maxFrameBytes', options.maxFrameBytes)
  if (limit > 0xffff_ffff) throw new RangeError(`maxFrameBytes is below 4 GiB, not ${limit}`)
  return limit
}

/** Code without types may say anything, and must not get the loose limits by a typing mistake. */
function isChildPeer(peer: Peer): boolean {
  if (peer !== 'child' && peer !== 'remote') {
    throw new TypeError(`peer is 'child' or 'remote', not ${String(peer)}`)
  }
  return peer === 'child'
}

function limitOr(fallback: number, name: string, limit: number | undefined): number {
  if (limit === undefined) return fallback
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit > 0)) return limit
  throw new RangeError(`${name} is an integer above zero, not ${limit}`)
}
