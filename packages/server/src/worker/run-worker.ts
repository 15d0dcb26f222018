import { type AnyFunction, type ExportLocation, importExport } from '@mpservice/contract'
import { whileImporting } from '@mpservice/process'
import { describeOrigin } from '@mpservice/remote-exception'
import { BaseWorker } from '../base-worker.ts'
import { isBatchWorker } from '../batch-worker.ts'
import { checkBatchSize, checkFixedBatchSize, hasFixedBatchSize } from '../batching.ts'
import type { FrameView } from '../channel/frame-view.ts'
import { fixedBatches, frameKind, plainHeader } from '../channel/frame.ts'
import { codec } from '../channel/payload-bytes.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import type { WorkerSetup } from '../channel/worker-setup.ts'
import { makePerformer } from '../perform/make-performer.ts'
import { AbandonedItems } from './abandoned-items.ts'
import { failWorker } from './fail-worker.ts'
import { FrameAnswers } from './frame-answers.ts'
import { WorkerLoop } from './worker-loop.ts'
import type { WorkerPort, WorkerPortEvents } from './worker-port.ts'

/** What a worker lives in. */
export interface WorkerPlace {
  /** Finds the worker's class. */
  load(location: ExportLocation): Promise<AnyFunction>
  /** Ends it. */
  exit(code: number): void
  /** Ends it because of an error that nobody would learn of otherwise. */
  fail(error: unknown): void
}

const ownPlace: WorkerPlace = {
  load: (location) => whileImporting(location.url, () => importExport(location)),
  exit: (code) => process.exit(code),
  fail: failWorker,
}

/**
 * Makes a worker, tells the server that it is ready, and works until the server says stop; then ends
 * what it lives in.
 *
 * @param args - The encoded `args` of the worker.
 * @param openPort - Opens the way to the server.
 * @param place - What it lives in. Default: this process or thread.
 */
export async function runWorker(
  setup: WorkerSetup,
  args: Uint8Array,
  openPort: (events: WorkerPortEvents) => WorkerPort,
  place: WorkerPlace = ownPlace,
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
    worker = await makeWorker(setup, args, place)
    await worker.init()
  } catch (error) {
    port.write(plainHeader(frameKind.startFailed, epoch), exceptionPayload(error, origin))
    port.wake()
    await worker?.cleanup(error)
    place.exit(1)
    return
  }

  const ready = worker
  const onStop = (): void => void cleanUpAndExit(ready, place)
  const answers = new FrameAnswers(port, { epoch, origin, fail: (error) => place.fail(error) })
  const performer = makePerformer(ready, answers, setup.concurrency)
  if (setup.watchesAbandoned) abandoned = new AbandonedItems(port.abandoned)
  loop = new WorkerLoop({ port, answers, performer, abandoned, onStop })
  const flags = hasFixedBatchSize(ready.constructor) ? fixedBatches : 0
  port.write({ ...plainHeader(frameKind.ready, epoch), flags })
  port.wake()
  loop.run()
}

async function makeWorker(
  { location, context }: WorkerSetup,
  args: Uint8Array,
  place: WorkerPlace,
): Promise<BaseWorker<never, unknown>> {
  const target = await place.load(location)
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

async function cleanUpAndExit(
  worker: BaseWorker<never, unknown>,
  place: WorkerPlace,
): Promise<void> {
  try {
    await worker.cleanup()
  } catch (error) {
    // oxlint-disable-next-line no-console -- the child's stderr is where its owner looks
    console.error(`cleanup of worker '${worker.name}' failed:`, error)
  }
  place.exit(0)
}
