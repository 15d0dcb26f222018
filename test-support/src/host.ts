import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { descendants, isAlive } from './descendants.ts'
import { LineQueue } from './line-queue.ts'
import { signalIfThere } from './signal-if-there.ts'
import { waitUntil } from './wait-until.ts'

/** How a host program has ended. */
export interface HostExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface WaitOptions {
  /** Milliseconds after which the wait rejects; 10 000 by default. */
  readonly timeoutMs?: number | undefined
}

const defaultTimeoutMs = 10_000
// A grandchild that has inherited the pipes may keep them open for ever.
const outputGraceMs = 200

/** A Node program in a process of its own. Made by `startHost`. */
export class Host implements AsyncDisposable {
  readonly pid: number
  /**
   * How it ended. Settles when the process has, even if others hold its output open; rejects when it
   * had to be killed because its lifetime was over.
   */
  readonly exited: Promise<HostExit>

  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #script: string
  readonly #isDetached: boolean
  readonly #lines = new LineQueue()
  #stderr = ''

  constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    facts: { readonly script: string; readonly isDetached: boolean; readonly lifetimeMs: number },
  ) {
    if (child.pid === undefined) throw new Error(`${facts.script} has no process`)
    this.pid = child.pid
    this.#child = child
    this.#script = facts.script
    this.#isDetached = facts.isDetached
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#lines.push(text))
    child.stdout.once('close', () => this.#lines.end())
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.exited = this.#watchExit(facts.lifetimeMs)
    // Many tests never ask how it ended.
    this.exited.catch(() => undefined)
  }

  /**
   * Its further lines of stdout, to its end. Each line goes to one reader only: here, to `nextLine`
   * or to `line`. Each step waits at most 10 s.
   */
  get lines(): AsyncIterableIterator<string> {
    return this.#readLines()
  }

  /**
   * Takes its next line of stdout.
   *
   * @throws {Error} When none comes in time or its output has ended; the message holds its stderr.
   */
  async nextLine(options: WaitOptions = {}): Promise<string> {
    return this.#takeLine(() => true, 'a line', options)
  }

  /**
   * Takes lines of stdout until one is this text, or matches this expression, and gives that one.
   *
   * @throws {Error} When none comes in time or its output has ended; the message holds its stderr.
   */
  async line(matching: string | RegExp, options: WaitOptions = {}): Promise<string> {
    const matches = (line: string): boolean =>
      typeof matching === 'string' ? line === matching : line.search(matching) >= 0
    const what = typeof matching === 'string' ? JSON.stringify(matching) : String(matching)
    return this.#takeLine(matches, `the line ${what}`, options)
  }

  /** What it has written to stderr so far. */
  stderr(): string {
    return this.#stderr
  }

  /** Sends it a signal. Gives whether it was still there. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child.kill(signal)
  }

  /**
   * Sends a signal to all processes of its group. Gives whether there were any; it may itself have
   * ended.
   *
   * @throws {Error} When it was not started with `detached`, since then its group is this process's.
   */
  signalGroup(signal: NodeJS.Signals): boolean {
    if (!this.#isDetached)
      throw new Error(`${this.#script} has no group of its own: start it with detached: true`)
    return signalIfThere(-this.pid, signal)
  }

  /**
   * Waits for its end.
   *
   * @throws {Error} When it does not end in time; the message holds its stderr.
   */
  async waitForExit(options: WaitOptions = {}): Promise<HostExit> {
    const { timeoutMs = defaultTimeoutMs } = options
    const settled = new AbortController()
    const late = sleep(timeoutMs, undefined, { signal: settled.signal })
    try {
      const exit = await Promise.race([this.exited, late])
      if (exit === undefined) throw this.#error(`it has not ended after ${timeoutMs} ms`)
      return exit
    } finally {
      settled.abort()
    }
  }

  /** Kills it, its descendants and its group, and resolves when they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const family = this.#isRunning() ? descendants(this.pid) : []
    this.kill('SIGKILL')
    if (this.#isDetached) this.signalGroup('SIGKILL')
    for (const member of family) if (isAlive(member)) signalIfThere(member.pid, 'SIGKILL')
    await this.exited.catch(() => undefined)
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
    await waitUntil(() => !family.some(isAlive), {
      what: `descendants of ${this.#script} are gone`,
    })
  }

  async *#readLines(): AsyncGenerator<string, void> {
    for (;;) {
      const next = await this.#lines.next(defaultTimeoutMs)
      if (next.kind === 'ended') return
      if (next.kind === 'timed-out') throw this.#error(`no line came for ${defaultTimeoutMs} ms`)
      yield next.line
    }
  }

  async #takeLine(
    matches: (line: string) => boolean,
    what: string,
    options: WaitOptions,
  ): Promise<string> {
    const { timeoutMs = defaultTimeoutMs } = options
    const deadline = performance.now() + timeoutMs
    const skipped: string[] = []
    for (;;) {
      const next = await this.#lines.next(Math.max(0, deadline - performance.now()))
      if (next.kind === 'line' && matches(next.line)) return next.line
      if (next.kind === 'line') {
        skipped.push(next.line)
        continue
      }
      if (next.kind === 'ended') await this.#settle()
      const reason = next.kind === 'ended' ? 'its output ended' : `${timeoutMs} ms passed`
      const seen = skipped.length === 0 ? '' : ` (other lines: ${JSON.stringify(skipped)})`
      throw this.#error(`${reason} before ${what} came${seen}`)
    }
  }

  async #watchExit(lifetimeMs: number): Promise<HostExit> {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      this.kill('SIGKILL')
      if (this.#isDetached) this.signalGroup('SIGKILL')
    }, lifetimeMs).unref()
    const exit = await new Promise<HostExit>((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    clearTimeout(timer)
    if (isOver) throw this.#error(`it was killed since its lifetime of ${lifetimeMs} ms was over`)
    return exit
  }

  // A program whose output has ended is about to end, and may have more to say than has arrived.
  async #settle(): Promise<void> {
    const { stderr } = this.#child
    const settled = new AbortController()
    const closed = stderr.closed || new Promise((resolve) => stderr.once('close', resolve))
    const grace = sleep(outputGraceMs, undefined, { signal: settled.signal })
    await Promise.race([Promise.allSettled([this.exited, closed]), grace])
    settled.abort()
  }

  #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  #error(what: string): Error {
    const { exitCode, signalCode } = this.#child
    const state = this.#isRunning()
      ? 'it is running'
      : `it ended with ${signalCode === null ? `code ${exitCode}` : `signal ${signalCode}`}`
    const stderr = this.#stderr.trimEnd() || '(nothing)'
    return new Error(`${this.#script} (pid ${this.pid}): ${what}; ${state}; its stderr:\n${stderr}`)
  }
}
