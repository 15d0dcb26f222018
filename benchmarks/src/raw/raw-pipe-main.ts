import { readSync, writeSync } from 'node:fs'
import { isTaskName, tasks } from '../tasks.ts'
import { RawFrameReader, RawFrameWriter } from './raw-frame.ts'

const [inputDescriptor, outputDescriptor] = [3, 4]
/** How long an answer may be kept for company. */
const maxDelayMs = 0.2

const name = process.argv[2]
if (!isTaskName(name)) throw new TypeError(`${name} is no task`)
work(tasks[name])

/** Answers until the other side closes its end; waits in the kernel, not in the event loop. */
function work(task: (input: unknown) => unknown): void {
  const reader = new RawFrameReader()
  const writer = new RawFrameWriter(writeFully)
  const buffer = Buffer.allocUnsafeSlow(2 ** 18)
  let flushedAt = 0
  const answer = (input: unknown): void => {
    writer.push(task(input))
    const now = performance.now()
    if (now - flushedAt < maxDelayMs) return
    writer.flush()
    flushedAt = now
  }
  for (;;) {
    const count = readSync(inputDescriptor, buffer, 0, buffer.length, null)
    if (count === 0) return
    flushedAt = performance.now()
    reader.push(buffer.subarray(0, count), answer)
    writer.flush()
  }
}

function writeFully(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(outputDescriptor, bytes, written)
  }
}
