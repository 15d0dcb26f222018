import { readFileSync } from 'node:fs'
import { getLogger } from '@logtape/logtape'
import type { Child } from '@mpservice/process'
import { connectWebSocket } from './connect-websocket.ts'
import { DebuggerSession } from './debugger-session.ts'
import { StackShots } from './stack-shots.ts'
import { takeStack } from './take-stack.ts'

/** Where nobody tells which signals a process catches, Node does after so long, in milliseconds. */
const startMs = 1_000

/**
 * The way to the inspector of a worker's process. It is there from the start where developers want it;
 * otherwise it is opened by SIGUSR1 for each stack, which the process answers also when it is busy, and
 * closed again.
 */
export class ProcessInspector {
  readonly #child: Child
  readonly #isForDevelopers: boolean
  #url: URL | undefined
  #waiting: { resolve(url: URL): void; reject(reason: Error): void } | undefined
  readonly #shots = new StackShots(() => this.#takeStack())
  /** How often it may open again by itself; see `#noteOpen`. */
  #reopenings = 0
  #closing: Promise<void> | undefined
  readonly #startedAt: number = performance.now()

  /** @param isForDevelopers - Whether the process opens its inspector by itself and keeps it open. */
  constructor(child: Child, isForDevelopers: boolean) {
    this.#child = child
    this.#isForDevelopers = isForDevelopers
    if (isForDevelopers) child.offerStderr((line) => this.#take(line))
  }

  /** Where developers reach the process. */
  get url(): string | undefined {
    return this.#isForDevelopers ? this.#url?.href : undefined
  }

  /**
   * Says what the process is at; see `takeStack`. It may take as long as the process is stuck in native
   * code; a second call waits for the first.
   *
   * @throws {Error} When the process cannot be asked, or ends meanwhile.
   */
  takeStack(): Promise<string> {
    return this.#shots.take()
  }

  /** The process has ended. */
  end(): void {
    this.#url = undefined
    this.#giveUp(new Error('the worker has ended'))
  }

  async #takeStack(): Promise<string> {
    await this.#closing
    const url = this.#url ?? (await this.#open())
    return this.#converse(url, (session) => takeStack(session, this.#isForDevelopers))
  }

  async #converse<Result>(
    url: URL,
    talk: (session: DebuggerSession) => Promise<Result>,
  ): Promise<Result> {
    const session = new DebuggerSession((message) => connection.send(message))
    const connection = await connectWebSocket(url, {
      onText: (text) => session.receive(text),
      onClose: () => session.end(new Error('the worker has ended')),
    })
    try {
      await session.post('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true })
      return await talk(session)
    } finally {
      if (!this.#isForDevelopers) await closeInspector(session)
      // A process goes on when one who has seen it stopped leaves.
      void session.whenRunning().then(() => connection.close())
    }
  }

  /** Has the process open its inspector; if it cannot now, it will when it can. */
  async #open(): Promise<URL> {
    const { pid } = this.#child
    if (pid === undefined || !this.#child.isRunning) throw new Error('the worker has ended')
    if (!this.#isForDevelopers) {
      checkDebugSignal(pid, performance.now() - this.#startedAt)
      this.#child.offerStderr((line) => this.#take(line))
      this.#reopenings = 2
      this.#child.kill('SIGUSR1')
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** Node says on stderr where its inspector is; gives whether the line is about nothing else. */
  #take(line: string): boolean {
    const opened = /Debugger listening on (ws:\/\/\S+)$/.exec(line)?.[1]
    if (opened !== undefined) this.#noteOpen(new URL(opened))
    if (line.startsWith('Starting inspector on ')) this.#giveUp(new Error(line))
    return !this.#isForDevelopers && inspectorLine.test(line)
  }

  /**
   * Node opens it in the midst of JavaScript or in its event loop, whichever comes first; when the other one
   * comes after it was closed, it is opened once more.
   */
  #noteOpen(url: URL): void {
    if (this.#waiting !== undefined) {
      this.#waiting.resolve(url)
      this.#waiting = undefined
    } else if (!this.#isForDevelopers && this.#reopenings-- > 0) {
      this.#closing = this.#converse(url, async () => undefined).catch(() => undefined)
    }
    if (!this.#isForDevelopers) return
    this.#url = url
    const { name } = this.#child
    const facts = { name, url: url.href }
    getLogger(['mpservice', 'server']).info('worker {name} can be debugged at {url}', facts)
  }

  #giveUp(reason: Error): void {
    this.#waiting?.reject(reason)
    this.#waiting = undefined
  }
}

const inspectorLine =
  /^(Debugger (listening on|ending on|attached)|For help, see: https:\/\/nodejs\.org\/|Waiting for the debugger to disconnect)/

/**
 * Closes the inspector from within: its port is for nobody else. From then on the process is asked by
 * SIGUSR1 again, and takes any port.
 */
async function closeInspector(session: DebuggerSession): Promise<void> {
  const expression =
    "process.getBuiltinModule('node:inspector').close(); process.debugPort = 0; undefined"
  try {
    await session.post('Runtime.evaluate', { expression })
  } catch {
    // The connection ends with it.
  }
}

/**
 * A process that does not catch the signal would die of it: while Node starts, when its flags say so, or
 * when user code has had a listener.
 */
function checkDebugSignal(pid: number, ageMs: number): void {
  if (process.platform !== 'linux') {
    if (ageMs < startMs) throw new Error('its process is just starting')
    return
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  if ((caught & (1n << (sigusr1 - 1n))) === 0n) {
    throw new Error('its process would not survive SIGUSR1, which opens the inspector')
  }
}

/** Its number on Linux. */
const sigusr1 = 10n
