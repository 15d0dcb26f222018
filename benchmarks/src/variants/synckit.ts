import { createSyncFn } from 'synckit'
import { onlySync } from '../only-sync.ts'
import type { Variant } from '../variant.ts'

/** synckit, whose worker ends with the process. */
export const variant: Variant = onlySync(() => {
  const callSync: (input: unknown) => unknown = createSyncFn(
    new URL('../peers/synckit-main.js', import.meta.url),
  )
  return { callSync, close: () => undefined }
})
