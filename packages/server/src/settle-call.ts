import type { Payload } from './channel/payload.ts'

/** Settles the promise of a call with its outcome. */
export function settleCall(
  outcome: Payload,
  resolve: (value: never) => void,
  reject: (reason: unknown) => void,
): void {
  try {
    const value = outcome.value()
    if (outcome.isException) reject(value)
    // What comes out of a servlet is what its type says; nothing can check that here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    else resolve(value as never)
  } catch (error) {
    reject(error)
  }
}
