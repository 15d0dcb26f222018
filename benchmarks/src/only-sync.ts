import type { SyncPool, Variant } from './variant.ts'

/** A variant for code that cannot await, which can do nothing else. */
export function onlySync(startSync: () => SyncPool): Variant {
  return {
    startSync,
    start: () => Promise.reject(new TypeError('the variant has nothing but callSync')),
  }
}
