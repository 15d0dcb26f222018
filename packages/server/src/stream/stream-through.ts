import type { StreamInput } from '@mpservice/contract'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import { checkPriority } from '../check-priority.ts'
import type { ServerStreamOptions } from '../server-options.ts'
import { toError } from '../to-error.ts'
import type { Preprocessor } from './preprocessing.ts'
import { ServerStream } from './server-stream.ts'
import type { StreamEntry } from './stream-entry.ts'
import { StreamWindow, type WindowTarget } from './stream-window.ts'

/** Where a stream leads through. */
export interface StreamTarget extends WindowTarget {
  /** Streams whose readers wait, which are to end when it takes no more. */
  readonly awaited: Set<StreamWindow>
}

/** The options of a stream, with or without a preprocessor. */
export type AnyStreamOptions = Omit<ServerStreamOptions, 'preprocessor'> & {
  readonly preprocessor?: Preprocessor | undefined
}

/** Sends inputs through a server and gives the results, as the options say. */
export function streamThrough(
  target: StreamTarget,
  inputs: StreamInput<unknown>,
  options: AnyStreamOptions = {},
): ServerStream<unknown> {
  return new ServerStream((onProgress) => {
    checkOptions(options, optionNames, 'stream')
    checkShape(options)
    const { timeoutMs = 3_600_000, priority = 0 } = options
    const { signal, preprocessor, ordered = true } = options
    checkTimeoutMs(timeoutMs)
    checkPriority(priority)
    signal?.throwIfAborted()
    const window = new StreamWindow({
      inputs,
      target,
      isOrdered: ordered,
      timeoutMs,
      priority,
      preprocess: preprocessor,
      onProgress,
    })
    const { settled = false, returnExceptions = false } = options
    const takesFailures = settled || returnExceptions
    return {
      window,
      signal,
      takesFailures,
      onWaiting: (isWaiting) => {
        if (isWaiting) target.awaited.add(window)
        else target.awaited.delete(window)
      },
      toElement: elementMaker(options),
    }
  })
}

const optionNames = [
  'returnX',
  'returnExceptions',
  'settled',
  'ordered',
  'preprocessor',
  'timeoutMs',
  'priority',
  'signal',
] as const

/** @throws {TypeError} When options contradict each other, or a preprocessor is no function. */
function checkShape({ settled, returnExceptions, preprocessor }: AnyStreamOptions): void {
  if (settled === true && returnExceptions === true) {
    throw new TypeError(
      'settled and returnExceptions exclude each other: with settled, errors are elements already',
    )
  }
  if (preprocessor !== undefined && typeof preprocessor !== 'function') {
    throw new TypeError('the preprocessor of a stream is no function')
  }
}

function elementMaker(options: AnyStreamOptions): (entry: StreamEntry) => unknown {
  const { returnX = false, settled = false } = options
  const resultOf = settled ? settledResult : plainResult
  return returnX ? (entry) => [entry.x, resultOf(entry)] : resultOf
}

function plainResult({ state, value }: StreamEntry): unknown {
  return state === 'rejected' ? toError(value) : value
}

function settledResult({ state, value }: StreamEntry): PromiseSettledResult<unknown> {
  return state === 'rejected'
    ? { status: 'rejected', reason: value }
    : { status: 'fulfilled', value }
}
