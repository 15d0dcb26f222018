import { constants } from 'node:os'
import { getLogger } from '@logtape/logtape'
import { checkOptions, checkTimeoutMs } from '@mpservice/process'

/** What can be closed when a signal comes: a server, a pool, or anything else with these two. */
export interface Closable {
  /**
   * Finishes what is in progress, and ends. `false`, or a promise of it, says that not everything had
   * finished; any other value that it had.
   */
  close(options: { readonly drainTimeoutMs: number }): unknown
  /** Ends at once. */
  kill(): unknown
}

/** How signals are handled. */
export interface HandleSignalsOptions {
  /** Which ones. Default: `SIGTERM` and `SIGINT`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined
  /** How long items in progress may take to finish, in milliseconds. Default: 30 000. */
  readonly drainTimeoutMs?: number | undefined
  /** Whether the program is ended, too; otherwise that is left to it. Default: `true`. */
  readonly exit?: boolean | undefined
}

/**
 * Closes servers when the program is told to end, and then ends the program. Without this, signals do
 * what they always do in Node, and workers end with the program.
 *
 * The first signal closes them all, at the same time, and then ends the program: with code 0 when
 * everything in progress had finished, else with 1. A second one kills them and ends the program at
 * once, with 128 and the signal's number; without `exit`, signals do from then on what they always do.
 * The same signal again within 0.2 s is no second one: npm passes on what the terminal has told already.
 *
 * @returns What stops the handling with `[Symbol.dispose]()`; an end that has begun goes on.
 * @throws {RangeError} When a signal is unknown or cannot be handled, or `drainTimeoutMs` is negative or
 *   no number.
 * @throws {TypeError} When there is no option of a name.
 */
export function handleSignals(
  closables: Closable | readonly Closable[],
  options: HandleSignalsOptions = {},
): Disposable {
  checkOptions(options, ['signals', 'drainTimeoutMs', 'exit'], 'handleSignals')
  const { signals = ['SIGTERM', 'SIGINT'], drainTimeoutMs = 30_000, exit = true } = options
  for (const signal of signals) checkSignal(signal)
  checkTimeoutMs(drainTimeoutMs, 'drainTimeoutMs')
  return new SignalHandling([closables].flat(), {
    signals: new Set(signals),
    drainTimeoutMs,
    exit,
  })
}

function checkSignal(signal: NodeJS.Signals): void {
  if (Object.hasOwn(constants.signals, signal) && signal !== 'SIGKILL' && signal !== 'SIGSTOP')
    return
  throw new RangeError(`${signal} is no signal that can be handled`)
}

/** Within so many milliseconds the same signal is no second one. */
const echoMs = 200

interface Handling {
  readonly signals: ReadonlySet<NodeJS.Signals>
  readonly drainTimeoutMs: number
  readonly exit: boolean
}

class SignalHandling implements Disposable {
  readonly #closables: readonly Closable[]
  readonly #options: Handling
  #first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    const first = this.#first
    if (first === undefined) {
      this.#first = { signal, at: now }
      void this.#close()
    } else if (signal !== first.signal || now - first.at > echoMs) this.#kill(signal)
  }

  constructor(closables: readonly Closable[], options: Handling) {
    this.#closables = closables
    this.#options = options
    for (const signal of options.signals) process.on(signal, this.#onSignal)
  }

  [Symbol.dispose](): void {
    for (const signal of this.#options.signals) process.off(signal, this.#onSignal)
  }

  async #close(): Promise<void> {
    const { drainTimeoutMs } = this.#options
    const outcomes = await Promise.allSettled(
      this.#closables.map(async (closable) => closable.close({ drainTimeoutMs })),
    )
    let isDrained = true
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') logFailure(outcome.reason)
      if (outcome.status === 'rejected' || outcome.value === false) isDrained = false
    }
    // What was answered last can still be told.
    if (this.#options.exit) setImmediate(() => process.exit(isDrained ? 0 : 1))
  }

  #kill(signal: NodeJS.Signals): void {
    for (const closable of this.#closables) {
      const killed = (async () => closable.kill())()
      killed.catch(logFailure)
    }
    if (this.#options.exit) process.exit(128 + constants.signals[signal])
    this[Symbol.dispose]()
  }
}

function logFailure(failure: unknown): void {
  getLogger(['mpservice', 'server']).error('the end after a signal failed: {failure}', { failure })
}
