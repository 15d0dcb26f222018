import { createRequire } from 'node:module'
import { SharedMemoryUnavailableError, type UnavailableReason } from './errors.ts'

/** What this package uses of koffi, which calls functions of the C library. */
export interface Koffi {
  /** Opens a library; `null` is this program itself with all that it is linked to. */
  load(path: string | null): { func(prototype: string): (...values: unknown[]) => unknown }
  /** A buffer on memory at an address; it never frees it. */
  view(address: bigint, bytes: number): ArrayBuffer
  /** The reason for which the last call in this thread was refused. */
  errno(): number
  readonly os: { readonly errno: Readonly<Record<string, number>> }
}

/** The environment variable that, set to `1`, lets this package act as if koffi was missing. */
const switchName = 'MPSERVICE_NO_NATIVE'

/**
 * Loads koffi, or says why it cannot be used. Only the prebuilt package of this platform is looked
 * for: it is complete, and unlike `koffi` itself has no install script.
 */
export function loadKoffi(): Koffi | SharedMemoryUnavailableError {
  if (isSwitchedOff()) {
    return new SharedMemoryUnavailableError(`${switchName}=1 is set`, { reason: 'switched-off' })
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    return new SharedMemoryUnavailableError(`there is no support for ${process.platform}`, {
      reason: 'unsupported',
    })
  }
  const name = `@koromix/koffi-${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  let reason: UnavailableReason = 'not-installed'
  try {
    const path = require.resolve(name)
    reason = 'not-loadable'
    const koffi: Koffi = require(path)
    return koffi
  } catch (cause) {
    const what = reason === 'not-installed' ? 'is not installed' : 'cannot be loaded'
    const message = `the optional package ${name} ${what}`
    return new SharedMemoryUnavailableError(message, { reason }, { cause })
  }
}

/** Whether MPSERVICE_NO_NATIVE is set now. */
export function isSwitchedOff(): boolean {
  return process.env[switchName] === '1'
}
