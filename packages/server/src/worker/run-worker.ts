import { importExport } from '@mpservice/contract'
import { whileImporting } from '@mpservice/process'
import { describeOrigin } from '@mpservice/remote-exception'
import { BaseWorker } from '../base-worker.ts'
import { isBatchWorker } from '../batch-worker.ts'
import { checkBatchSize, checkFixedBatchSize } from '../batching.ts'
import type { FrameView } from '../channel/frame-view.ts'
import { frameKind, plainHeader } from '../channel/frame.ts'
import { codec } from '../channel/payload-bytes.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { WorkerSetup } from '../channel/worker-setup.ts'
import { makePerformer } from '../perform/make-performer.ts'
import { AbandonedItems } from './abandoned-items.ts'
import { FrameAnswers } from './frame-answers.ts'
import { WorkerLoop } from './worker-loop.ts'
import type { WorkerPort, WorkerPortEvents } from './worker-port.ts'

/**
 * Makes a worker, tells the server that it is ready, and works until the server says stop; then ends
 * this process or thread.
 *
 * @param args - The encoded `args` of the worker.
 * @param openPort - Opens the way to the server.
 */
export async function runWorker(
  setup: WorkerSetup,
  args: Uint8Array,
  openPort: (events: WorkerPortEvents) => WorkerPort,
): Promise<void> {
  const origin = describeOrigin(setup.context.name)
  const { epoch } = setup
  let loop: WorkerLoop | undefined
  let abandoned: AbandonedItems | undefined
  const port = openPort({
    onFrame: (frame: FrameView, payload: Payload) => loop?.take(frame, payload),
    onWithdrawn: (frame: FrameView) => loop?.skip(frame),
    onAbandoned: () => abandoned?.look(),
    onWake: () => loop?.run(),
  })

  let worker: BaseWorker<never, unknown> | undefined
  try {
    worker = await makeWorker(setup, args)
    await worker.init()
  } catch (error) {
    port.write(plainHeader(frameKind.startFailed, epoch), exceptionPayload(error, origin))
    port.wake()
    await worker?.cleanup(error)
    process.exit(1)
  }

  const ready = worker
  const onStop = (): void => void cleanUpAndExit(ready)
  const answers = new FrameAnswers(port, { epoch, origin })
  const performer = makePerformer(ready, answers, setup.concurrency)
  if (setup.watchesAbandoned) abandoned = new AbandonedItems(port.abandoned)
  loop = new WorkerLoop({ port, answers, performer, abandoned, onStop })
  port.write(plainHeader(frameKind.ready, epoch))
  port.wake()
  loop.run()
}

async function makeWorker(
  { location, context }: WorkerSetup,
  args: Uint8Array,
): Promise<BaseWorker<never, unknown>> {
  const target = await whileImporting(location.url, () => importExport(location))
  checkFixedBatchSize(target, context.batchSize ?? 0, location.exportName)
  const worker: unknown = Reflect.construct(target, [context, codec.decode(args)])
  if (!isWorker(worker)) {
    throw new TypeError(
      `${location.exportName} of ${location.url} is not a class derived from Worker`,
    )
  }
  checkBatchSize(isBatchWorker(worker), context.batchSize ?? 0, location.exportName)
  return worker
}

/** Told by its methods, because the user's module may have loaded another copy of this package. */
function isWorker(value: unknown): value is BaseWorker<never, unknown> {
  return (
    value instanceof BaseWorker ||
    (typeof value === 'object' &&
      value !== null &&
      ['init', 'call', 'cleanup'].every(
        (method) => typeof Reflect.get(value, method) === 'function',
      ))
  )
}

async function cleanUpAndExit(worker: BaseWorker<never, unknown>): Promise<void> {
  try {
    await worker.cleanup()
  } catch (error) {
    // oxlint-disable-next-line no-console -- the child's stderr is where its owner looks
    console.error(`cleanup of worker '${worker.name}' failed:`, error)
  }
  process.exit(0)
}
