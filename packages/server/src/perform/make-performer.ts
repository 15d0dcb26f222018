import { isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import type { BaseWorker } from '../base-worker.ts'
import { type BatchWorker, isBatchWorker } from '../batch-worker.ts'
import { exceptionPayload } from '../channel/payload.ts'
import type { Worker } from '../worker.ts'
import type { Answers } from './answers.ts'
import { BatchPerformer } from './batch-performer.ts'
import { ItemPerformer } from './item-performer.ts'
import { outcomeOf } from './outcome.ts'
import type { Performer } from './performer.ts'
import { spreadFailure, spreadResults } from './spread-results.ts'
import { StreamPerformer, type StreamShape, type StreamSource } from './stream-performer.ts'

/** Finds out how a worker works on its tasks, from its class. */
export function makePerformer(
  worker: BaseWorker<never, unknown>,
  answers: Answers,
  concurrency: number,
): Performer {
  if (isBatchWorker(worker)) {
    return isStreaming(worker)
      ? new StreamPerformer(worker, answers, batchShape(worker, answers), concurrency)
      : new BatchPerformer(worker, answers, concurrency)
  }
  // What is not the one is the other: whoever made it has looked at its methods.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const single = worker as Worker<unknown, unknown>
  return isStreaming(single)
    ? new StreamPerformer(single, answers, itemShape(answers), concurrency)
    : new ItemPerformer(single, answers, concurrency)
}

function isStreaming<Kind extends BaseWorker<never, unknown>>(
  worker: Kind,
): worker is Kind & StreamSource {
  return typeof Reflect.get(worker, 'stream') === 'function'
}

function itemShape({ origin }: Answers): StreamShape {
  return {
    inputOf: ([task]) => task?.input,
    spread: (tasks, result) => {
      for (const task of tasks) task.outcome = outcomeOf(result, origin)
    },
  }
}

function batchShape(worker: BatchWorker<unknown, unknown>, { origin }: Answers): StreamShape {
  return {
    inputOf: (tasks) => tasks.map(({ input }) => input),
    spread: (tasks, result) => {
      if (!isRemoteExceptionWrapper(result)) spreadResults(worker, tasks, result, origin)
      else spreadFailure(tasks, exceptionPayload(result.error, origin))
    },
  }
}
