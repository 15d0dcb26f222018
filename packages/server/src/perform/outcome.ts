import { isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import { exceptionPayload, type Payload, valuePayload } from '../channel/payload.ts'

/** The outcome that a value stands for which user code has returned. */
export function outcomeOf(value: unknown, origin: string | undefined): Payload {
  return isRemoteExceptionWrapper(value)
    ? exceptionPayload(value.error, origin)
    : valuePayload(value)
}
