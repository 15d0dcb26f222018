import { performance } from 'node:perf_hooks'
import type { Payload } from '../channel/payload.ts'
import type { CallEnd, PendingCall } from '../pending-call.ts'
import { callChannel } from './channels.ts'

/** Publishes that a call has ended; only of use when somebody has subscribed. */
export function publishCall(call: PendingCall, end: CallEnd, outcome: Payload): void {
  const endedAt = end === 'answered' ? call.flight?.movedAt : undefined
  callChannel.publish({
    id: call.flight?.id,
    elapsedMs: (endedAt ?? performance.now()) - call.startedAt,
    outcome: outcome.isException ? 'error' : 'ok',
    error: outcome.isException ? thrownBy(outcome) : undefined,
    timeoutMs: call.timeoutMs,
  })
}

/** What cannot be decoded rejects the call with just that. */
function thrownBy(outcome: Payload): unknown {
  try {
    return outcome.value()
  } catch (error) {
    return error
  }
}
