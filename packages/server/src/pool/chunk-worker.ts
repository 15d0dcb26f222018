import { type AnyFunction, importExport } from '@mpservice/contract'
import { whileImporting } from '@mpservice/process'
import {
  describeOrigin,
  encodeException,
  type ExceptionData,
  isRemoteExceptionWrapper,
} from '@mpservice/remote-exception'
import { codec } from '../channel/payload-bytes.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { Worker } from '../worker.ts'
import type { Chunk, ChunkAnswer } from './chunk.ts'

/** The worker of a pool: imports functions once, and calls them with the items of chunks. */
export class ChunkWorker extends Worker<Chunk, ChunkAnswer> {
  static readonly module: string = import.meta.url
  readonly #targets = new Map<string, AnyFunction>()
  readonly #origin = describeOrigin(this.name)

  call(chunk: Chunk): ChunkAnswer | Promise<ChunkAnswer> {
    const [url, exportName] = chunk
    const target = this.#targets.get(`${exportName} ${url}`)
    return target === undefined ? this.#importFor(chunk) : this.#perform(target, chunk)
  }

  async #importFor(chunk: Chunk): Promise<ChunkAnswer> {
    const [url, exportName] = chunk
    const target = await whileImporting(url, () => importExport({ url, exportName }))
    this.#targets.set(`${exportName} ${url}`, target)
    return this.#perform(target, chunk)
  }

  #perform(target: AnyFunction, [, , spreads, items]: Chunk): ChunkAnswer | Promise<ChunkAnswer> {
    const startedAt = performance.now()
    const perform = (item: unknown): unknown =>
      Reflect.apply(target, undefined, spreads ? asArguments(item) : [item])
    const results: unknown[] = []
    try {
      for (const item of items) {
        const result = perform(item)
        if (isPromiseLike(result)) {
          return this.#performAsync(startedAt, perform, items, results, result)
        }
        results.push(returned(result))
      }
      return this.#answer(startedAt, items.length, results)
    } catch (error) {
      return this.#answer(startedAt, items.length, results, { error })
    }
  }

  /** Goes on where a function gave its first promise. */
  async #performAsync(
    startedAt: number,
    perform: (item: unknown) => unknown,
    items: readonly unknown[],
    results: unknown[],
    first: PromiseLike<unknown>,
  ): Promise<ChunkAnswer> {
    try {
      results.push(returned(await first))
      for (const item of items.slice(results.length)) results.push(returned(await perform(item)))
      return this.#answer(startedAt, items.length, results)
    } catch (error) {
      return this.#answer(startedAt, items.length, results, { error })
    }
  }

  #answer(
    startedAt: number,
    itemCount: number,
    results: readonly unknown[],
    failure?: { readonly error: unknown },
  ): ChunkAnswer {
    const thrown = failure && this.#encode(failure.error)
    if (itemCount === 1) return [performance.now() - startedAt, results, thrown]
    const [bytes, refusal] = encodeResults(results)
    const tookMs = performance.now() - startedAt
    return [tookMs, bytes, refusal === undefined ? thrown : this.#encode(refusal.error)]
  }

  #encode(error: unknown): ExceptionData {
    return encodeException(error, { origin: this.#origin })
  }
}

/** @throws What a `RemoteException` stands for, as in every worker. */
function returned(result: unknown): unknown {
  if (isRemoteExceptionWrapper(result)) throw result.error
  return result
}

function asArguments(item: unknown): readonly unknown[] {
  if (Array.isArray(item)) return item
  throw new TypeError('starmap takes lists of arguments')
}

/** The results up to the first one that cannot be carried, and why it cannot. */
function encodeResults(
  results: readonly unknown[],
): [bytes: Uint8Array, refusal?: { readonly error: unknown }] {
  try {
    return [codec.encode(results)]
  } catch {
    for (const [index, result] of results.entries()) {
      try {
        codec.encode(result)
      } catch (error) {
        return [codec.encode(results.slice(0, index)), { error }]
      }
    }
    throw new Error(
      `${results.length} results cannot be carried together; give a smaller chunkSize`,
    )
  }
}
