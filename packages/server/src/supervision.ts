import { checkTimeoutMs } from '@mpservice/process'

/** What happens to an item that a worker is at when nobody waits for it any more. */
export type OnAbandon = 'finish' | 'signal' | 'kill'

/** How a server looks after workers that fail, hang or grow. */
export interface SupervisionOptions {
  /**
   * How often an item is tried again whose worker died while it was at it. It is then worked on alone,
   * and fails with `PoisonItemError` when it has ended one worker more than that. An item may so be worked
   * on more than once. Default: 0, with which it fails with `WorkerCrashedError` or `WorkerStuckError`.
   */
  readonly retries?: number | undefined
  /**
   * How long a worker may be at one item, or at one batch, in milliseconds; then it is ended and
   * replaced, and the item fails with `WorkerStuckError`, or is tried again. What else it was at is
   * worked on again. Default: no limit.
   */
  readonly itemTimeoutMs?: number | undefined
  /** How many items a worker gets before a new one takes its place. Default: no limit. */
  readonly maxItemsPerWorker?: number | undefined
  /**
   * What happens to an item that a worker is at when nobody waits for it any more, because its caller
   * has left or its time is up. `'finish'`: the worker is not told. `'signal'`: it can know, by
   * `item.isAbandoned()` and `item.signal`. `'kill'`: it is ended and replaced at once; what else it was at
   * is worked on again. Default: `'signal'`.
   */
  readonly onAbandon?: OnAbandon | undefined
}

/** The names of these options. */
export const supervisionOptionNames = [
  'retries',
  'itemTimeoutMs',
  'maxItemsPerWorker',
  'onAbandon',
] as const

/** How a stage looks after its workers. */
export interface Supervision {
  readonly retries: number
  readonly itemTimeoutMs: number
  readonly maxItems: number
  readonly onAbandon: OnAbandon
}

/**
 * The options with their defaults.
 *
 * @throws {RangeError} When a count or a time is none.
 * @throws {TypeError} When `onAbandon` is none of its values.
 */
export function resolveSupervision(options: SupervisionOptions): Supervision {
  const {
    retries = 0,
    itemTimeoutMs = Infinity,
    maxItemsPerWorker: maxItems = unlimitedItems,
    onAbandon = 'signal',
  } = options
  if (!Number.isInteger(retries) || retries < 0 || retries > mostRetries) {
    throw new RangeError(`retries is ${retries}: give a whole number from 0 to ${mostRetries}`)
  }
  checkTimeoutMs(itemTimeoutMs, 'itemTimeoutMs')
  if (itemTimeoutMs === 0) {
    throw new RangeError('itemTimeoutMs is 0: no item takes no time; leave it out for no limit')
  }
  if (!Number.isInteger(maxItems) || maxItems < 1) {
    throw new RangeError(`maxItemsPerWorker is ${maxItems}: give a whole number of at least 1`)
  }
  checkOnAbandon(onAbandon, ['finish', 'signal', 'kill'])
  return { retries, itemTimeoutMs, maxItems, onAbandon }
}

/** @throws {TypeError} When a value is none of those that are allowed. */
export function checkOnAbandon(value: unknown, allowed: readonly OnAbandon[]): void {
  if (allowed.some((each) => each === value)) return
  const list = allowed.map((each) => `'${each}'`).join(' or ')
  throw new TypeError(`onAbandon is ${String(value)}: give ${list}`)
}

/** Stands for no limit, and is small enough to be quick. */
export const unlimitedItems: number = 2 ** 30 - 1

/** More would not fit into the frames that tell of them. */
const mostRetries = 1_000
