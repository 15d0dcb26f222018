import type { ChildChannel, ChildContext } from '@mpservice/process'
import {
  isSharedMemoryDeniedError,
  isSharedMemoryMismatchError,
  isSharedMemoryNotFoundError,
  isSharedMemoryUnavailableError,
  SharedMemory,
  waitForDoorbell,
} from '@mpservice/shared-memory'
import { openChannel } from '../channel/channel-memory.ts'
import { MappedBlocks } from '../channel/mapped-blocks.ts'
import type { Sleeper } from '../channel/sleeper.ts'
import { decodeSetup, type WorkerSetup } from '../channel/worker-setup.ts'
import { PipePort } from './pipe-port.ts'
import { RingPort } from './ring-port.ts'
import { runWorker } from './run-worker.ts'
import type { WorkerPort, WorkerPortEvents } from './worker-port.ts'

/** The program of a worker's process. */
export async function run({ channel }: ChildContext): Promise<void> {
  const setup = decodeSetup(channel.receiveSync())
  // Whoever opens its inspector gets a port of its own.
  process.debugPort = 0
  if (setup.inspect !== undefined) await openInspector(setup.inspect)
  const args = channel.receiveSync()
  await runWorker(setup, args, (events) => openPort(channel, setup, events))
}

/** Its URL is printed to stderr, where the server reads it. */
async function openInspector(inspect: 'open' | 'wait'): Promise<void> {
  // Some builds of Node have none.
  const inspector = await import('node:inspector')
  inspector.open(0, '127.0.0.1')
  // With a debugger connected, Node would not let the process end.
  process.once('exit', () => inspector.close())
  if (inspect === 'wait') inspector.waitForDebugger()
}

function openPort(channel: ChildChannel, setup: WorkerSetup, events: WorkerPortEvents): WorkerPort {
  // The parent is gone; there is nobody to tell.
  const onEnd = (): void => process.exit(1)
  const memory = attachMemory(setup)
  if (memory === undefined) {
    const port = new PipePort(channel, events)
    channel.receive((frames) => {
      port.take(frames)
      events.onWake()
    }, onEnd)
    return port
  }
  const sleeper = new ChannelSleeper(channel)
  const { board } = openChannel(memory.buf)
  const port = new RingPort({
    memory: memory.buf,
    blocks: new MappedBlocks((number, isAccepted) => {
      while (!isAccepted()) {
        if (board.refusedBlock === number) throw new Error('the server has no room for this result')
        sleeper.sleep(1, () => true)
      }
    }),
    maxBlockBytes: setup.limits.blockBytes,
    sleeper,
    events,
  })
  channel.receive(() => port.wakeUp(), onEnd)
  return port
}

/** Where memory cannot be shared in this process although it can in the server's, pipes do. */
function attachMemory({ memory }: WorkerSetup): SharedMemory | undefined {
  if (memory === undefined) return undefined
  try {
    // Blocks will be reached by their handles: where that cannot be, nothing is shared.
    SharedMemory.attach(memory.handle).close()
    return SharedMemory.attach(memory.handle, { fd: memory.fd })
  } catch (error) {
    if (isSharedMemoryUnavailableError(error) || isOutOfReach(error)) return undefined
    throw error
  }
}

/** Sleeps on the pipe from the server. */
class ChannelSleeper implements Sleeper {
  readonly #channel: ChildChannel

  constructor(channel: ChildChannel) {
    this.#channel = channel
  }

  ring(): void {
    this.#channel.ring()
  }

  /** A byte in the pipe stays there until somebody reads it. */
  sleep(timeoutMs: number, maySleep: () => boolean): void {
    if (!maySleep()) return
    if (waitForDoorbell(this.#channel.descriptor, timeoutMs)) this.#channel.receiveNow()
  }
}

function isOutOfReach(error: unknown): boolean {
  return (
    isSharedMemoryDeniedError(error) ||
    isSharedMemoryNotFoundError(error) ||
    isSharedMemoryMismatchError(error)
  )
}
