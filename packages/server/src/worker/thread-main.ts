import { workerData } from 'node:worker_threads'
import { openChannel } from '../channel/channel-memory.ts'
import { PortBlocks } from '../channel/port-blocks.ts'
import { isThreadBoot, type ThreadBoot } from '../channel/thread-boot.ts'
import { ThreadSleeper } from '../channel/thread-doorbell.ts'
import { decodeSetup, type WorkerSetup } from '../channel/worker-setup.ts'
import { RingPort } from './ring-port.ts'
import { runWorker } from './run-worker.ts'
import type { WorkerPort, WorkerPortEvents } from './worker-port.ts'

// The program of a worker's thread.
const boot: unknown = workerData
if (!isThreadBoot(boot)) throw new TypeError('this module runs in the thread of a worker only')
const setup = decodeSetup(boot.setup)
await runWorker(setup, boot.args, (events) => openPort(boot, setup, events))

function openPort(
  { memory, port }: ThreadBoot,
  { limits }: WorkerSetup,
  events: WorkerPortEvents,
): WorkerPort {
  const bytes = new Uint8Array(memory)
  const blocks = new PortBlocks(port)
  const ringPort = new RingPort({
    memory: bytes,
    blocks,
    maxBlockBytes: limits.blockBytes,
    sleeper: new ThreadSleeper(openChannel(bytes).board, port),
    events,
  })
  port.on('message', (message: unknown) => {
    blocks.take(message)
    ringPort.wakeUp()
  })
  return ringPort
}
