import { inspect } from 'node:util'
import type { Pool } from './variant.ts'

/** What is sent to a pool, and how an answer is told from a wrong one. */
export interface Exchange {
  /** The input of a call, by its number. */
  inputFor(call: number): unknown
  /** Whether an answer looks right; cheap enough to be asked of every one while time is taken. */
  isRight(output: unknown, input: unknown): boolean
  /** Whether an answer is right in all its parts; asked of every one while a pool warms up. */
  isExactlyRight(output: unknown, input: unknown): boolean
}

/** How calls are made. */
export interface TrafficOptions {
  /** How many calls are in flight at any time. */
  readonly inFlight: number
  /** Whether one more call is made after so many. */
  readonly mayBegin: (callsBegun: number) => boolean
  /** Whether answers are compared as a whole. */
  readonly isExact: boolean
}

/** What was done. */
export interface Traffic {
  readonly calls: number
  /** From the first call to the last answer. */
  readonly elapsedMs: number
}

/** A pool answered with something else than its task had to give. */
export class WrongAnswerError extends Error {
  static {
    this.prototype.name = 'WrongAnswerError'
  }

  constructor(input: unknown, output: unknown) {
    super(`the answer to ${describe(input)} was ${describe(output)}`)
  }
}

/**
 * Keeps so many calls in flight until no more may begin, and checks every answer.
 *
 * @throws {WrongAnswerError} For the first answer that is not right; calls in flight are left alone.
 */
export async function keepInFlight(
  pool: Pool,
  exchange: Exchange,
  { inFlight, mayBegin, isExact }: TrafficOptions,
): Promise<Traffic> {
  const state: { calls: number; isOpen: boolean } = { calls: 0, isOpen: true }
  const lane = async (): Promise<void> => {
    while (state.isOpen && mayBegin(state.calls)) {
      const input = exchange.inputFor(state.calls)
      state.calls += 1
      const output = await pool.call(input)
      const isRight = isExact
        ? exchange.isExactlyRight(output, input)
        : exchange.isRight(output, input)
      if (!isRight) throw new WrongAnswerError(input, output)
    }
  }
  const startedAt = performance.now()
  try {
    await Promise.all(Array.from({ length: inFlight }, lane))
  } finally {
    // The other lanes would go on for as long as they may.
    state.isOpen = false
  }
  return { calls: state.calls, elapsedMs: performance.now() - startedAt }
}

/** Lets calls begin for so long; at least one always may. */
export function forSeconds(seconds: number): (callsBegun: number) => boolean {
  const end = performance.now() + seconds * 1000
  return (callsBegun) => callsBegun === 0 || performance.now() < end
}

/** Lets so many calls begin. */
export function upTo(calls: number): (callsBegun: number) => boolean {
  return (callsBegun) => callsBegun < calls
}

/**
 * Keeps calls in flight to warm the pool up, then for as long as is to be measured. Code gets quick by
 * being called: where calls take long, warming up goes on until there were enough of them.
 */
export async function measureTraffic(
  pool: Pool,
  exchange: Exchange,
  inFlight: number,
  seconds: number,
): Promise<Traffic> {
  const isYoung = forSeconds(seconds * warmUpShare)
  const mayGoOn = forSeconds(seconds * longestWarmUpShare)
  const mayWarmUp = (calls: number): boolean =>
    isYoung(calls) || (calls < warmUpCalls && mayGoOn(calls))
  await keepInFlight(pool, exchange, { inFlight, mayBegin: mayWarmUp, isExact: true })
  const mayBegin = forSeconds(seconds)
  return keepInFlight(pool, exchange, { inFlight, mayBegin, isExact: false })
}

/** How long a pool is warmed up, as a share of the time that is measured. */
export const warmUpShare = 2
/** The longest time for which it is warmed up until it has answered `warmUpCalls`. */
const longestWarmUpShare = 5
const warmUpCalls = 10_000

function describe(value: unknown): string {
  const text = inspect(value, { breakLength: Infinity, maxArrayLength: 4, maxStringLength: 40 })
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`
}
