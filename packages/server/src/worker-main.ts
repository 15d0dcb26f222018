import { importExport } from '@mpservice/contract'
import { type ChildContext, whileImporting } from '@mpservice/process'
import { describeOrigin, encodeException } from '@mpservice/remote-exception'
import { frameKind, plainHeader } from './frame.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import { codec, encodeExceptionAfter } from './payload.ts'
import { WorkerLoop } from './worker-loop.ts'
import { decodeSetup, type WorkerSetup } from './worker-setup.ts'
import { Worker } from './worker.ts'

/** The program of a worker's process: makes the worker, says that it is ready, and works. */
export async function run({ channel, name }: ChildContext): Promise<void> {
  const setup = decodeSetup(channel.receiveSync())
  const args = channel.receiveSync()
  const origin = describeOrigin(name)

  let worker: Worker<unknown, unknown> | undefined
  try {
    worker = await makeWorker(setup, args)
    await worker.init()
  } catch (error) {
    const data = encodeException(error, { origin })
    const frame = encodeExceptionAfter(0, data)
    channel.send(plainHeader(frameKind.startFailed, setup.epoch), frame)
    await worker?.cleanup(error)
    process.exit(1)
  }

  const ready = worker
  const writer = new OutcomeWriter(channel, setup.epoch, origin)
  const loop = new WorkerLoop(ready, writer, () => void cleanUpAndExit(ready))
  channel.receive(
    (frames) => loop.take(frames),
    () => process.exit(1),
  )
  channel.send(plainHeader(frameKind.ready, setup.epoch))
}

async function makeWorker(
  { location, context }: WorkerSetup,
  args: Uint8Array,
): Promise<Worker<unknown, unknown>> {
  const target = await whileImporting(location.url, () => importExport(location))
  const worker: unknown = Reflect.construct(target, [context, codec.decode(args)])
  if (!isWorker(worker)) {
    throw new TypeError(
      `${location.exportName} of ${location.url} is not a class derived from Worker`,
    )
  }
  return worker
}

/** Told by its methods, because the user's module may have loaded another copy of this package. */
function isWorker(value: unknown): value is Worker<unknown, unknown> {
  return (
    value instanceof Worker ||
    (typeof value === 'object' &&
      value !== null &&
      ['init', 'call', 'cleanup'].every(
        (method) => typeof Reflect.get(value, method) === 'function',
      ))
  )
}

async function cleanUpAndExit(worker: Worker<unknown, unknown>): Promise<void> {
  try {
    await worker.cleanup()
  } catch (error) {
    // oxlint-disable-next-line no-console -- the child's stderr is where its owner looks
    console.error(`cleanup of worker '${worker.name}' failed:`, error)
  }
  process.exit(0)
}
