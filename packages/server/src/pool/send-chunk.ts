import type { ExportLocation } from '@mpservice/contract'
import { EncodeError, isEncodeError } from '@mpservice/process'
import { decodeException, isRemoteException } from '@mpservice/remote-exception'
import { codec } from '../channel/payload-bytes.ts'
import type { ChunkOutcome } from './chunk-window.ts'
import { type Chunk, type ChunkAnswer, itemsPath, makeChunk, resultsPath } from './chunk.ts'

/** A function that items are given to. */
export interface ChunkTarget {
  readonly location: ExportLocation
  /** Whether an item is a list of arguments. */
  readonly spreads: boolean
}

/** The outcome of a chunk, and how long the function took for it, in milliseconds. */
export interface SentChunk extends Omit<ChunkOutcome, 'start'> {
  readonly tookMs: number
}

/**
 * Has a chunk of items worked on.
 *
 * It does not reject: when the chunk as a whole fails, that is the failure of its first item. When an
 * input cannot be carried, the items are sent one by one, so that those before it have their results.
 */
export async function sendChunk(
  call: (chunk: Chunk) => Promise<ChunkAnswer>,
  target: ChunkTarget,
  items: readonly unknown[],
): Promise<SentChunk> {
  try {
    return decodeAnswer(await call(makeChunk(target.location, target.spreads, items)))
  } catch (error) {
    if (items.length > 1 && isEncodeError(error) && !isRemoteException(error)) {
      return sendOneByOne(call, target, items)
    }
    return { tookMs: 0, results: [], failure: { error: withoutChunk(error) } }
  }
}

async function sendOneByOne(
  call: (chunk: Chunk) => Promise<ChunkAnswer>,
  target: ChunkTarget,
  items: readonly unknown[],
): Promise<SentChunk> {
  let tookMs = 0
  const all: unknown[] = []
  for (const item of items) {
    const { results, failure, ...sent } = await sendChunk(call, target, [item])
    tookMs += sent.tookMs
    all.push(...results)
    if (failure !== undefined) return { tookMs, results: all, failure }
  }
  return { tookMs, results: all, failure: undefined }
}

function decodeAnswer([tookMs, results, thrown]: ChunkAnswer): SentChunk {
  const decoded: unknown = results instanceof Uint8Array ? codec.decode(results) : results
  if (!Array.isArray(decoded)) throw new TypeError('the results of a chunk are no list')
  const failure = thrown === undefined ? undefined : { error: decodeException(thrown) }
  return { tookMs, results: decoded, failure }
}

/** What cannot be carried is told as if there was no chunk around it. */
function withoutChunk(error: unknown): unknown {
  if (!isEncodeError(error)) return error
  const { message, path, kind, cause } = error
  const isResult = isRemoteException(error)
  const place = `${isResult ? resultsPath : itemsPath}[0]`
  if (!path.startsWith(place)) return error
  const origin = isResult ? error : cause
  return new EncodeError(
    message.replaceAll(place, () => '$'),
    { path: `$${path.slice(place.length)}`, kind },
    origin === undefined ? {} : { cause: origin },
  )
}
