import { getLogger } from '@logtape/logtape'
import { isSharedMemoryAvailable, SharedMemory } from '@mpservice/shared-memory'
import { channelBytes, initializeChannel } from './channel-memory.ts'

/** Memory for a channel to another process, or `undefined` where there is none to be had. */
export function createChannelMemory(ringBytes: number): SharedMemory | undefined {
  if (!isSharedMemoryAvailable()) return undefined
  let memory: SharedMemory | undefined
  try {
    memory = SharedMemory.create(channelBytes(ringBytes))
    initializeChannel(memory.buf)
    return memory
  } catch (error) {
    // Out of memory or of descriptors; a pipe needs less of both.
    memory?.close()
    getLogger(['mpservice', 'server']).warn(
      'no memory to share with a worker, whose frames travel on a pipe: {error}',
      { error },
    )
    return undefined
  }
}
