import { workerData } from 'node:worker_threads'
import { openChannel } from './channel-memory.ts'
import { PortBlocks } from './port-blocks.ts'
import { RingPort } from './ring-port.ts'
import { runWorker } from './run-worker.ts'
import { isThreadBoot, type ThreadBoot } from './thread-boot.ts'
import { ThreadSleeper } from './thread-doorbell.ts'
import type { WorkerPort, WorkerPortEvents } from './worker-port.ts'
import { decodeSetup, type WorkerSetup } from './worker-setup.ts'

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
