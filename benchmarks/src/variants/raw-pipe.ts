import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { RawFrameReader, RawFrameWriter } from '../raw/raw-frame.ts'
import { type RawLink, type RawLinkEvents, RawPool } from '../raw/raw-pool.ts'
import type { TaskName } from '../tasks.ts'
import type { Variant } from '../variant.ts'

/** Child processes that block on a pipe of their own; many frames in each write. */
export const variant: Variant = {
  start: async (task, workers) => new RawPool(workers, 16, (events) => openLink(task, events)),
}

function openLink(task: TaskName, { onAnswer, onEnd }: RawLinkEvents): RawLink {
  const main = fileURLToPath(new URL('../raw/raw-pipe-main.js', import.meta.url))
  const stdio = ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] as const
  const child = spawn(process.execPath, [main, task], { stdio: [...stdio] })
  const [, , , toChild, fromChild] = child.stdio
  if (!(toChild instanceof Duplex) || !(fromChild instanceof Duplex)) {
    throw new TypeError('the child has no pipes')
  }
  const reader = new RawFrameReader()
  const writer = new RawFrameWriter((bytes) => toChild.write(bytes))
  let isFlushDue = false
  const flush = (): void => {
    isFlushDue = false
    writer.flush()
    toChild.uncork()
  }
  fromChild.on('data', (piece: Buffer) => reader.push(piece, onAnswer))
  toChild.on('error', onEnd)
  child.once('exit', onEnd)
  return {
    post(input) {
      writer.push(input)
      if (isFlushDue) return
      isFlushDue = true
      toChild.cork()
      process.nextTick(flush)
    },
    close: () => {
      toChild.end()
      return once(child, 'exit')
    },
  }
}
