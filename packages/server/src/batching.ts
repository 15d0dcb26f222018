import { checkTimeoutMs } from '@mpservice/process'
import { batchMark } from './batch-worker.ts'

/** How a servlet forms batches for a `BatchWorker`. */
export interface BatchOptions {
  /**
   * The most items of a batch. Required for a `BatchWorker`, unless its class has a `static batchSize`;
   * any other worker takes no batches.
   */
  readonly batchSize?: number | undefined
  /**
   * How long a batch waits for more items after its first, in milliseconds; 0 takes what waits now. A
   * batch that is full never waits, and one that is not goes to a worker that has nothing to do.
   * Default: 10, or 0 when `batchSize` is 1.
   */
  readonly batchWaitMs?: number | undefined
}

/** How batches are formed; a size of 0 means not at all. */
export interface Batching {
  readonly size: number
  readonly waitMs: number
  /** Whether the class has fixed the size. */
  readonly isFixed: boolean
}

/** How a stage forms batches now. */
export type MutableBatching = { -readonly [Name in keyof Batching]: Batching[Name] }

/**
 * Finds out how a servlet forms batches for a worker class, which may be named without being imported.
 *
 * @throws {TypeError} When the options contradict the class, or each other.
 * @throws {RangeError} When they are no size and no time.
 */
export function resolveBatching(worker: object, options: BatchOptions): Batching {
  const isClass = typeof worker === 'function'
  const fixed = isClass ? fixedBatchSize(worker) : undefined
  const size = options.batchSize ?? fixed ?? 0
  if (!Number.isInteger(size) || size < 0) {
    throw new RangeError(`batchSize is ${size}: give a whole number of items`)
  }
  if (isClass) {
    checkFixedBatchSize(worker, size, worker.name)
    checkBatchSize(batchMark in Object(worker.prototype), size, worker.name)
  }
  const waitMs = resolveWaitMs(options.batchWaitMs, size)
  return { size, waitMs, isFixed: fixed !== undefined }
}

/** @throws {TypeError} When a class fixes the size of its batches and is to have others. */
export function checkFixedBatchSize(worker: unknown, size: number, name: string): void {
  const fixed = fixedBatchSize(worker)
  if (fixed === undefined || fixed === size) return
  throw new TypeError(
    `${name} has batches of ${fixed}, not ${size}: leave batchSize out, or give ${fixed} where the class is named without being imported`,
  )
}

/** @throws {TypeError} When a worker gets batches and takes none, or the other way round. */
export function checkBatchSize(takesBatches: boolean, size: number, name: string): void {
  if (takesBatches && size === 0) {
    throw new TypeError(`${name} is a BatchWorker: give a batchSize of at least 1`)
  }
  if (!takesBatches && size > 0) {
    throw new TypeError(
      `${name} takes one item at a time: derive it from BatchWorker, or leave batchSize out`,
    )
  }
}

/** Whether a class fixes the size of its batches. */
export function hasFixedBatchSize(worker: unknown): boolean {
  return fixedBatchSize(worker) !== undefined
}

function fixedBatchSize(worker: unknown): number | undefined {
  const fixed: unknown = Reflect.get(Object(worker), 'batchSize')
  return typeof fixed === 'number' ? fixed : undefined
}

function resolveWaitMs(given: number | undefined, size: number): number {
  if (given === undefined) return size > 1 ? defaultWaitMs : 0
  checkTimeoutMs(given, 'batchWaitMs')
  if (given > 0 && size < 2) {
    throw new TypeError(`batchWaitMs is ${given}, but with a batchSize of ${size} nothing can wait`)
  }
  return given
}

const defaultWaitMs = 10
