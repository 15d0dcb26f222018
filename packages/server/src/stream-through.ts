import type { StreamInput } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import type { Payload } from './channel/payload.ts'
import type { ServerStreamOptions, StreamElement } from './server-options.ts'
import { type StreamOutcome, StreamWindow, type Submitted } from './stream-window.ts'
import { toError } from './to-error.ts'

/** Sends inputs through a server and gives the results in the order of the inputs. */
export async function* streamThrough<Input, Output, const Options extends ServerStreamOptions>(
  submit: (input: Input, timeoutMs: number, onOutcome: (outcome: Payload) => void) => Submitted,
  capacity: number,
  inputs: StreamInput<Input>,
  options: Options | undefined,
): AsyncGenerator<StreamElement<Input, Output, Options>, void, undefined> {
  const { returnX = false, returnExceptions = false, timeoutMs = 3_600_000, signal } = options ?? {}
  checkOptions(options, optionNames, 'stream')
  checkTimeoutMs(timeoutMs)
  signal?.throwIfAborted()
  const window = new StreamWindow(
    (input, onOutcome) => submit(input, timeoutMs, onOutcome),
    capacity,
    inputs,
  )
  const onAbort = (): void => window.stop(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  let isFailing = true
  try {
    for (;;) {
      const entry = await window.next()
      if (entry === undefined) {
        isFailing = false
        return
      }
      const result = resultOf(entry.outcome, returnExceptions)
      isFailing = false
      // The options decide the shape, as `StreamElement` says.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      yield (returnX ? [entry.input, result] : result) as StreamElement<Input, Output, Options>
      isFailing = true
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await window.close(isFailing)
  }
}

const optionNames = ['returnX', 'returnExceptions', 'timeoutMs', 'signal'] as const

/** @throws What the item threw, unless errors are elements. */
function resultOf({ isException, value }: StreamOutcome, returnExceptions: boolean): unknown {
  if (!isException) return value
  if (!returnExceptions) throw value
  return toError(value)
}
