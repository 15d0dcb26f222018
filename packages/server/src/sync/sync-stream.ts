import { checkOptions, checkTimeoutMs } from '@mpservice/process'
import { Fifo } from '../fifo.ts'
import type { StreamElement } from '../server-options.ts'
import { toError } from '../to-error.ts'
import { InputReader } from './input-reader.ts'
import type { PendingAnswer } from './pending-answers.ts'
import type { SyncStreamOptions } from './sync-server-options.ts'

/** How a stream uses its server. */
export interface SyncStreamPlace {
  /** How many items may be in progress. */
  readonly capacity: number
  /** Gives an item to the server. */
  send(input: unknown, timeoutMs: number): PendingAnswer
  /** Blocks until there is an answer. */
  settle(answer: PendingAnswer): void
  /** Takes in what has come; gives whether there is an answer. */
  look(answer: PendingAnswer): boolean
  /** Drops what is in progress. */
  leave(): void
}

/** How long inputs are read while a result is waiting to be taken, in milliseconds. */
const longestReadMs = 1

interface Entry<Input> {
  readonly input: Input
  readonly answer: PendingAnswer
}

/** Sends inputs through a server whose callers block, and gives the results in the order of the inputs. */
export function* syncStream<Input, Output, const Options extends SyncStreamOptions>(
  place: SyncStreamPlace,
  inputs: Iterable<Input>,
  options: Options | undefined,
): Generator<StreamElement<Input, Output, Options>, void, undefined> {
  const { returnX = false, returnExceptions = false, timeoutMs = 3_600_000 } = options ?? {}
  checkOptions(options, optionNames, 'streamSync')
  checkTimeoutMs(timeoutMs)
  const reader = new InputReader(inputs)
  const entries = new Fifo<Entry<Input>>()
  let isFailing = true
  try {
    for (;;) {
      const readUntil = performance.now() + longestReadMs
      while (!reader.hasEnded && entries.length < place.capacity) {
        const head = entries.peek()
        if (head !== undefined && place.look(head.answer) && performance.now() > readUntil) break
        reader.read((input) => entries.push({ input, answer: place.send(input, timeoutMs) }))
      }
      const entry = entries.shift()
      if (entry === undefined) break
      place.settle(entry.answer)
      const result = resultOf(entry.answer, returnExceptions)
      isFailing = false
      // The options decide the shape, as `StreamElement` says.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      yield (returnX ? [entry.input, result] : result) as StreamElement<Input, Output, Options>
      isFailing = true
    }
    reader.throwIfFailed()
    isFailing = false
  } finally {
    place.leave()
    reader.close(isFailing)
  }
}

const optionNames = ['returnX', 'returnExceptions', 'timeoutMs'] as const

/** @throws What the item threw, unless errors are elements. */
function resultOf({ outcome }: PendingAnswer, returnExceptions: boolean): unknown {
  if (outcome?.isException !== true) return outcome?.value
  if (!returnExceptions) throw outcome.value
  return toError(outcome.value)
}
