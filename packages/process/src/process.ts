import {
  type AnyFunction,
  type ExportLocation,
  type Importable,
  type ImportedTarget,
  locateExport,
} from '@mpservice/contract'
import type { Codec } from '@mpservice/wire'
import { checkOptions } from './check-options.ts'
import type { Child, ChildExit } from './child.ts'
import { ProcessExitError } from './errors.ts'
import { launchChild, type LaunchOptions } from './launch-child.ts'
import { settleWithin, type WaitOptions } from './settle-within.ts'
import { decodeOutcome, encodeLocation, targetCodec, type TargetOutcome } from './target-message.ts'

/** How a function is run in a child process. */
export interface ProcessOptions<Args extends readonly unknown[]> extends LaunchOptions {
  /** The arguments of the function; they cross by value. */
  readonly args?: Args | undefined
  /** The name of the process, for messages. Default: `Process-<n>`. */
  readonly name?: string | undefined
  /**
   * Ends the process when aborted (SIGTERM, after 500 ms SIGKILL); `result` then rejects with the
   * signal's own reason.
   */
  readonly signal?: AbortSignal | undefined
}

/** The function behind an importable target. */
export type TargetFunction<Target> =
  ImportedTarget<Target> extends (...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never

/** The options of `Process.start`, which may be left out when the function needs no arguments. */
export type StartOptions<
  Target,
  Args extends readonly unknown[] = Parameters<TargetFunction<Target>>,
> = [] extends Args
  ? [options?: ProcessOptions<Args>]
  : [options: ProcessOptions<Args> & { readonly args: Args }]

/**
 * A function that runs once in a process of its own.
 *
 * The process ends when the function's promise settles, and when this process ends, however that
 * happens. Every wait ends: with the function's answer, or with the process.
 *
 * @example
 *   const adder = Process.start(add, { args: [1, 2] })
 *   console.log(await adder.result())
 */
export class Process<Result> {
  /** The name of the process. */
  readonly name: string
  readonly #child: Child | undefined
  readonly #outcome: Promise<TargetOutcome>
  readonly #exit: Promise<ChildExit>
  #isDone = false
  #ended: ChildExit | undefined

  /**
   * Starts a process that runs an importable function, and returns at once. A launch that fails
   * rejects `result`.
   *
   * @throws {NotImportableError} When the function cannot be found again in another process.
   * @throws {RangeError} When `cpus` names a CPU that does not exist.
   * @throws {TypeError} When there is no option of a name, or a list is none.
   * @throws {StartedWhileImportingError} When called by a module that is imported in a child.
   */
  static start<Target extends Importable<AnyFunction>>(
    target: Target,
    ...[options]: StartOptions<Target>
  ): Process<Awaited<ReturnType<TargetFunction<Target>>>> {
    return new Process(locateExport(target), options ?? {})
  }

  private constructor(location: ExportLocation, options: ProcessOptions<readonly unknown[]>) {
    checkOptions(options, optionNames, 'Process.start')
    const { args = [], signal } = options
    if (!Array.isArray(args)) throw new TypeError('args is not a list of arguments')
    this.name = options.name ?? nextName()
    const codec = targetCodec()
    const exit = deferred<ChildExit>()
    const outcome = deferred<TargetOutcome>()
    this.#exit = exit.promise
    this.#outcome = outcome.promise.finally(() => {
      this.#isDone = true
    })

    const settle = (result: TargetOutcome): void => outcome.resolve(result)
    const encoded = encodeArguments(codec, args, signal)
    if (encoded instanceof Uint8Array) {
      const program = new URL('./target-main.js', import.meta.url)
      this.#child = launchChild(this.name, program, options, {
        onFrames: ([frame]) => {
          if (frame !== undefined) settle(tryDecode(codec, frame))
        },
        onExit: (end) => {
          this.#ended = end
          settle({ kind: 'threw', error: this.#exitError(end) })
          exit.resolve(end)
        },
      })
      this.#child.send(encodeLocation(location))
      this.#child.send(encoded)
      this.#endOnAbort(signal, settle)
    } else {
      settle(encoded)
      exit.resolve({ exitCode: null, signalCode: null, stderrTail: '', cause: undefined })
    }
  }

  /** The process id; `undefined` when the process could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The exit code; `null` while the process runs and when a signal ended it. */
  get exitCode(): number | null {
    return this.#ended?.exitCode ?? null
  }

  /** The signal that ended the process; `null` while it runs and when it exited by itself. */
  get signalCode(): NodeJS.Signals | null {
    return this.#ended?.signalCode ?? null
  }

  /** Whether the function has ended: `result` and `exception` settle without waiting. */
  done(): boolean {
    return this.#isDone
  }

  /**
   * The value that the function returned.
   *
   * @throws What the function threw, with its class, fields and remote stack.
   * @throws {ProcessExitError} When the process ended before it gave an answer.
   * @throws {EncodeError} When an argument or the result cannot be carried; names its path.
   * @throws {TimeoutError} When there is no answer after `timeoutMs`; the function goes on.
   */
  async result(options: WaitOptions = {}): Promise<Result> {
    const outcome = await settleWithin(this.#outcome, 'result', options)
    if (outcome.kind === 'threw') throw outcome.error
    // What a function returns is what its type says; nothing can check that here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return outcome.value as Result
  }

  /**
   * What the function threw, or `undefined` when it returned.
   *
   * @throws {TimeoutError} When there is no answer after `timeoutMs`; the function goes on.
   */
  async exception(options: WaitOptions = {}): Promise<unknown> {
    const outcome = await settleWithin(this.#outcome, 'result', options)
    return outcome.kind === 'threw' ? outcome.error : undefined
  }

  /**
   * Waits until the process has ended.
   *
   * @throws What `result` throws, when the function did not return.
   * @throws {TimeoutError} When the process is still there after `timeoutMs`.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    await settleWithin(this.#exit, 'join', options)
    await this.result()
  }

  /** Sends a signal (default SIGTERM) and gives whether there was a process to send it to. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.#child?.kill(signal) ?? false
  }

  /** Waits until the function has ended and its process is gone; does not throw what it threw. */
  async close(): Promise<void> {
    await this.#exit
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #endOnAbort(signal: AbortSignal | undefined, settle: (outcome: TargetOutcome) => void): void {
    if (signal === undefined) return
    const onAbort = (): void => {
      settle({ kind: 'threw', error: signal.reason })
      this.#child?.terminate()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    void this.#exit.then(() => signal.removeEventListener('abort', onAbort))
  }

  #exitError(end: ChildExit): ProcessExitError {
    const { exitCode, signalCode, stderrTail, cause } = end
    return new ProcessExitError(
      { processName: this.name, pid: this.pid, exitCode, signalCode, stderrTail },
      cause === undefined ? {} : { cause },
    )
  }
}

const optionNames = ['args', 'name', 'cpus', 'execArgv', 'env', 'cwd', 'signal'] as const

let started = 0

function nextName(): string {
  return `Process-${++started}`
}

function encodeArguments(
  codec: Codec,
  args: readonly unknown[],
  signal: AbortSignal | undefined,
): Uint8Array | TargetOutcome {
  if (signal?.aborted === true) return { kind: 'threw', error: signal.reason }
  try {
    return codec.encode([...args])
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function tryDecode(codec: Codec, frame: Uint8Array): TargetOutcome {
  try {
    return decodeOutcome(codec, frame)
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((onResolve) => {
    resolve = onResolve
  })
  return { promise, resolve }
}
