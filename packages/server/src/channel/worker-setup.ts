import type { ExportLocation } from '@mpservice/contract'
import { isSharedMemoryHandle, type SharedMemoryHandle } from '@mpservice/shared-memory'
import type { WorkerContext } from '../base-worker.ts'
import type { ResolvedLimits } from './channel-limits.ts'

/** The first frame to a worker, as JSON: which class to make an object of, and what it is told. */
export interface WorkerSetup {
  readonly location: ExportLocation
  readonly context: WorkerContext
  /** Which incarnation of the worker this is, from 1. */
  readonly epoch: number
  readonly limits: ResolvedLimits
  /** How many items, or batches, the worker works on at the same time. */
  readonly concurrency: number
  /** Whether the worker looks for items that were abandoned while it is at them. */
  readonly watchesAbandoned: boolean
  /** Whether its process opens its inspector at once, and waits there for a debugger. */
  readonly inspect?: 'open' | 'wait' | undefined
  /** The memory of the channel, if the server has any, and the worker's descriptor for it. */
  readonly memory?: { readonly handle: SharedMemoryHandle; readonly fd: number } | undefined
}

export function encodeSetup(setup: WorkerSetup): Uint8Array {
  return Buffer.from(JSON.stringify(setup))
}

/** @throws {TypeError} When the bytes are not a set-up. */
export function decodeSetup(bytes: Uint8Array): WorkerSetup {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (!isSetup(value)) throw new TypeError('the first frame is not the set-up of a worker')
  return value
}

function isSetup(value: unknown): value is WorkerSetup {
  return (
    isObject(value) &&
    typeof value['epoch'] === 'number' &&
    typeof value['concurrency'] === 'number' &&
    typeof value['watchesAbandoned'] === 'boolean' &&
    isObject(value['limits']) &&
    typeof value['limits']['ringBytes'] === 'number' &&
    typeof value['limits']['blockBytes'] === 'number' &&
    [undefined, 'open', 'wait'].some((inspect) => inspect === value['inspect']) &&
    isMemory(value['memory']) &&
    isObject(value['location']) &&
    typeof value['location']['url'] === 'string' &&
    typeof value['location']['exportName'] === 'string' &&
    isObject(value['context']) &&
    typeof value['context']['workerIndex'] === 'number' &&
    typeof value['context']['name'] === 'string'
  )
}

function isMemory(value: unknown): boolean {
  return (
    value === undefined ||
    (isObject(value) && isSharedMemoryHandle(value['handle']) && typeof value['fd'] === 'number')
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
