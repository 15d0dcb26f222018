import { isMainThread } from 'node:worker_threads'
import { yieldProcessor } from '@mpservice/shared-memory'

/**
 * Lets others that wait for this processor go first, in a loop that waits awake.
 *
 * Not in threads: they may be terminated at any moment, and a native call that is being made or loaded
 * then would end the whole program.
 */
export const giveWay: () => void = isMainThread ? () => void yieldProcessor() : () => undefined
