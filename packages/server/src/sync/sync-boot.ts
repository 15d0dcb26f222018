import { MessagePort } from 'node:worker_threads'
import type { ExportLocation } from '@mpservice/contract'

/** What the thread of a `SyncServer` is started with. */
export interface SyncBoot {
  /** Of the function that makes the servlet. */
  readonly location: ExportLocation
  readonly name: string
  readonly capacity: number
  readonly maxBlockBytes: number
  /** The channel. */
  readonly memory: SharedArrayBuffer
  /** As of `SyncBoard`. */
  readonly board: SharedArrayBuffer
  /** For doorbells and blocks. */
  readonly port: MessagePort
}

/** Whether the data of a thread are those of a `SyncServer`. */
export function isSyncBoot(value: unknown): value is SyncBoot {
  return (
    isObject(value) &&
    isObject(value['location']) &&
    typeof value['location']['url'] === 'string' &&
    typeof value['location']['exportName'] === 'string' &&
    typeof value['name'] === 'string' &&
    typeof value['capacity'] === 'number' &&
    typeof value['maxBlockBytes'] === 'number' &&
    value['memory'] instanceof SharedArrayBuffer &&
    value['board'] instanceof SharedArrayBuffer &&
    value['port'] instanceof MessagePort
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
