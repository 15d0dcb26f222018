import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type RawLink, type RawLinkEvents, RawPool } from '../raw/raw-pool.ts'
import type { TaskName } from '../tasks.ts'
import type { Variant } from '../variant.ts'

/** Forked processes and `send` with advanced serialization, one message for each call. */
export const variant: Variant = {
  start: async (task, workers) => new RawPool(workers, 1, (events) => openLink(task, events)),
}

function openLink(task: TaskName, { onAnswer, onEnd }: RawLinkEvents): RawLink {
  const main = fileURLToPath(new URL('../raw/raw-fork-main.js', import.meta.url))
  const child = fork(main, [task], { serialization: 'advanced' })
  child.on('message', onAnswer)
  child.once('exit', onEnd)
  return {
    post(input) {
      if (!isSendable(input)) throw new TypeError(`${typeof input} cannot be sent`)
      child.send(input)
    },
    close: () => {
      child.disconnect()
      return once(child, 'exit')
    },
  }
}

/** What tasks get; the declaration of `send` wants to know. */
function isSendable(value: unknown): value is object | number {
  return typeof value === 'number' || (typeof value === 'object' && value !== null)
}
