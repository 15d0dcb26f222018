import { MessagePort } from 'node:worker_threads'

/** What the thread of a worker is started with. */
export interface ThreadBoot {
  /** As of `encodeSetup`. */
  readonly setup: Uint8Array
  /** The encoded `args` of the worker. */
  readonly args: Uint8Array
  /** The channel. */
  readonly memory: SharedArrayBuffer
  /** For doorbells and blocks. */
  readonly port: MessagePort
}

/** Whether the data of a thread are those of a worker. */
export function isThreadBoot(value: unknown): value is ThreadBoot {
  return (
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, 'setup') instanceof Uint8Array &&
    Reflect.get(value, 'args') instanceof Uint8Array &&
    Reflect.get(value, 'memory') instanceof SharedArrayBuffer &&
    Reflect.get(value, 'port') instanceof MessagePort
  )
}
