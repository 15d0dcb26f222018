import type { ExportLocation } from '@mpservice/contract'
import type { WorkerContext } from './worker.ts'

/** The first frame to a worker, as JSON: which class to make an object of, and what it is told. */
export interface WorkerSetup {
  readonly location: ExportLocation
  readonly context: WorkerContext
  /** Which incarnation of the worker this is, from 1. */
  readonly epoch: number
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
    isObject(value['location']) &&
    typeof value['location']['url'] === 'string' &&
    typeof value['location']['exportName'] === 'string' &&
    isObject(value['context']) &&
    typeof value['context']['workerIndex'] === 'number' &&
    typeof value['context']['name'] === 'string'
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
