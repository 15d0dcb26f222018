import type { StreamInput } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import { onAbort } from '../on-abort.ts'
import { ChunkSizes } from './chunk-sizes.ts'
import { type ChunkOutcome, ChunkWindow } from './chunk-window.ts'
import type { Chunk, ChunkAnswer } from './chunk.ts'
import type { ApplyOptions, MapOptions } from './pool-options.ts'
import { type ChunkTarget, sendChunk } from './send-chunk.ts'

/** What items are given to, and how. */
export interface MapPlan extends ChunkTarget {
  /** How many workers share the items. */
  readonly workers: number
  /** Whether results come in the order of the items; else as they are known. */
  readonly isOrdered: boolean
  call(chunk: Chunk, options: ApplyOptions): Promise<ChunkAnswer>
}

/** Has a function called with each of many items, and gives the results chunk by chunk. */
export async function* mapChunks(
  plan: MapPlan,
  items: StreamInput<unknown>,
  options: MapOptions = {},
): AsyncGenerator<Pick<ChunkOutcome, 'start' | 'results'>, void, undefined> {
  checkOptions(options, ['chunkSize', 'timeoutMs', 'signal'], 'a map')
  const { chunkSize, timeoutMs, signal } = options
  checkChunkSize(chunkSize)
  checkTimeoutMs(timeoutMs ?? 0)
  signal?.throwIfAborted()
  const sizes = new ChunkSizes(chunkSize)
  const leaving = new AbortController()
  const call = (chunk: Chunk): Promise<ChunkAnswer> =>
    plan.call(chunk, { timeoutMs, signal: leaving.signal })
  const window = new ChunkWindow({
    items,
    sizes,
    workers: plan.workers,
    isOrdered: plan.isOrdered,
    send: async (chunk) => {
      const { tookMs, ...outcome } = await sendChunk(call, plan, chunk)
      sizes.record(outcome.results.length, tookMs)
      return outcome
    },
  })
  const stopListening = signal && onAbort(signal, () => window.stop(signal.reason))
  let isFailing = true
  try {
    for (let outcome = await window.next(); outcome !== undefined; outcome = await window.next()) {
      const { start, results, failure } = outcome
      isFailing = false
      yield { start, results }
      isFailing = true
      if (failure !== undefined) throw failure.error
    }
    isFailing = false
  } finally {
    stopListening?.()
    leaving.abort()
    await window.close(isFailing)
  }
}

function checkChunkSize(chunkSize: number | undefined): void {
  if (chunkSize === undefined || (Number.isInteger(chunkSize) && chunkSize >= 1)) return
  throw new RangeError(`chunkSize is ${chunkSize}: give a whole number of at least 1`)
}
