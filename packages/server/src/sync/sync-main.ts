import { workerData } from 'node:worker_threads'
import { isSyncBoot } from './sync-boot.ts'
import { SyncHost } from './sync-host.ts'

// The program of the thread of a `SyncServer`.
const boot: unknown = workerData
if (!isSyncBoot(boot)) throw new TypeError('this module runs in the thread of a SyncServer only')
await new SyncHost(boot).start()
