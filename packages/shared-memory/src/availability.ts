import { SharedMemoryUnavailableError } from './errors.ts'
import { systemCalls } from './system-calls.ts'

/**
 * Whether blocks can be created and opened in this program: the system has what it takes, and the
 * optional native package is there. The environment variable MPSERVICE_NO_NATIVE=1 says no.
 */
export function isSharedMemoryAvailable(): boolean {
  return whySharedMemoryIsUnavailable() === undefined
}

/** The error that creating a block would throw for want of what it takes; `undefined` if none. */
export function whySharedMemoryIsUnavailable(): SharedMemoryUnavailableError | undefined {
  try {
    systemCalls()
    return undefined
  } catch (error) {
    if (error instanceof SharedMemoryUnavailableError) return error
    throw error
  }
}
