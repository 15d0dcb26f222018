import { SyncServer } from '@mpservice/server'
import { onlySync } from '../only-sync.ts'
import { makeEchoPipeline } from '../own/sync-pipeline.ts'
import type { Variant } from '../variant.ts'

/** Our server for code that cannot await. */
export const variant: Variant = onlySync(() => {
  const server = SyncServer.start(makeEchoPipeline)
  return { callSync: (input) => server.callSync(input), close: () => server.close() }
})
