import {
  AsyncServlet,
  EnsembleServlet,
  isEnsembleError,
  isTimeoutError,
  makeWorker,
  ProcessServlet,
  Server,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { answerHere, answerOf, fails, Member } from './fixtures/storm-workers.js'

checkLeaksAfterEach()

const calls = Number(process.env['MPSERVICE_STORM_CALLS'] ?? 1_000_000)
const inFlight = 512
const places = [0, 1, 2]

test(`of ${calls} calls of an ensemble, failing ones among them, each gets what is its own`, async () => {
  await using server = await Server.start(
    new EnsembleServlet([
      new ThreadServlet(Member, { args: { place: 0, slowEvery: 500 } }),
      new ProcessServlet(Member, { args: { place: 1, slowEvery: 300 } }),
      new AsyncServlet(makeWorker(answerHere)),
    ]),
    { capacity: 4096 },
  )
  const counts = { answered: 0, failed: 0, late: 0 }
  const wrong: unknown[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < calls && wrong.length < 10) {
      const number = next++
      const timeoutMs = isHasty(number) ? (number % 7) / 10 : 60_000
      try {
        const answers = await server.call(number, { timeoutMs, backpressure: false })
        if (isOwnAnswer(number, answers)) counts.answered++
        else wrong.push({ number, answers })
      } catch (error) {
        if (isOwnFailure(number, error)) counts.failed++
        else if (isTimeoutError(error) && isHasty(number)) counts.late++
        else wrong.push({ number, error })
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))

  expect(wrong).toEqual([])
  expect(counts.answered + counts.failed + counts.late).toBe(calls)
  // Those whose time was up before anything had failed count as late.
  const failing = Array.from({ length: calls }, (_, number) => number).filter(mustFail)
  expect(failing.length / calls).toBeGreaterThan(0.09)
  expect(counts.failed).toBeLessThanOrEqual(failing.length)
  expect(counts.failed).toBeGreaterThanOrEqual(failing.length - counts.late)
  expect(counts.late).toBeGreaterThan(0)
  await waitUntil(() => server.backlog === 0, { what: 'no place is taken' })
  const stages = server.debugInfo().servlet.children ?? []
  expect(stages.map(({ queued, running }) => [queued, running])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ])
}, 300_000)

/** One in a hundred has next to no time. */
function isHasty(number: number): boolean {
  return number % 97 === 5
}

function mustFail(number: number): boolean {
  return places.some((place) => fails(number, place))
}

function isOwnAnswer(number: number, answers: readonly unknown[]): boolean {
  return !mustFail(number) && places.every((place) => answers[place] === answerOf(number, place))
}

function isOwnFailure(number: number, error: unknown): boolean {
  if (!isEnsembleError(error) || !mustFail(number)) return false
  const { results, cause } = error
  return (
    results.includes(cause) &&
    places.every((place) => {
      const result = results[place]
      if (result === undefined) return true
      return result instanceof Error
        ? fails(number, place) && result.message === `${number} at ${place}`
        : !fails(number, place) && result === answerOf(number, place)
    })
  )
}
