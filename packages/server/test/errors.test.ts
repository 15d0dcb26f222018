import { decodeException, encodeException } from '@mpservice/remote-exception'
import {
  EnsembleError,
  isEnsembleError,
  isServerBacklogFullError,
  isServerClosedError,
  isServerFailedError,
  isWorkerCrashedError,
  isWorkerStartError,
  ServerBacklogFullError,
  ServerClosedError,
  ServerFailedError,
  WorkerCrashedError,
  WorkerStartError,
} from '@mpservice/server'
import { expect, test } from 'vitest'

const crash = { workerName: 'w-0', pid: 1, exitCode: 1, signalCode: null, stderrTail: '' }
const cases = [
  {
    guard: isServerBacklogFullError,
    error: new ServerBacklogFullError({ capacity: 1, backlog: 1 }),
  },
  { guard: isServerClosedError, error: new ServerClosedError() },
  {
    guard: isServerFailedError,
    error: new ServerFailedError(
      { workerName: 'w-0', deaths: 6, withinMs: 30_000 },
      { cause: new Error('why') },
    ),
  },
  {
    guard: isWorkerStartError,
    error: new WorkerStartError({ workerName: 'w-0', reason: 'threw', detail: 'no' }),
  },
  { guard: isWorkerCrashedError, error: new WorkerCrashedError(crash) },
  {
    guard: isEnsembleError,
    error: new EnsembleError({ results: [1], finished: 1, total: 2 }, { cause: new Error('why') }),
  },
]

test.each(cases)(
  '$error.name is told by its guard alone, also after a journey',
  ({ guard, error }) => {
    const arrived = decodeException(encodeException(error))
    for (const each of [error, arrived]) {
      expect(cases.filter((other) => other.guard(each)).map((other) => other.guard)).toEqual([
        guard,
      ])
    }
    expect(arrived).toBeInstanceOf(error.constructor)
  },
)
