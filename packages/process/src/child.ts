import type { ChildProcess } from 'node:child_process'
import { Duplex, type Readable } from 'node:stream'
import { encodeFrame, FrameDecoder, ProtocolError } from '@mpservice/wire'
import {
  type BootMessage,
  encodeBootMessage,
  inputDescriptor,
  outputDescriptor,
} from './boot-message.ts'
import { maxChildFrameBytes } from './child-channel.ts'
import { OutputTail } from './output-tail.ts'
import { type LineRelay, relayLines, type TakeLine } from './relay-lines.ts'
import { writeAtOnce } from './write-at-once.ts'

/** How long after a child's end its last output is waited for; a grandchild may hold the pipes. */
const lastOutputMs = 200
/** How long a child may live on after it has closed its channel. */
const withoutChannelMs = 1_000
/** How long a child may take to end after SIGTERM before SIGKILL follows. */
const defaultGraceMs = 500

/** What happens to a child, as its owner is told. */
export interface ChildEvents {
  /** Frames from the child, in order; they are the receiver's to keep. */
  onFrames(frames: readonly Uint8Array[]): void
  /** The end of the child: once, and after its last frame. */
  onExit(exit: ChildExit): void
}

/** How a child ended. */
export interface ChildExit {
  /** The exit code; `null` when a signal ended it or it could not be started. */
  readonly exitCode: number | null
  /** The signal that ended it; `null` when it exited by itself. */
  readonly signalCode: NodeJS.Signals | null
  /** The last 64 KiB of its stderr. */
  readonly stderrTail: string
  /** Why it could not be started, or what was wrong on its channel. */
  readonly cause: Error | undefined
}

/**
 * The parent's side of a child process: frames out, frames in, its end. Made by `launchChild`.
 *
 * What the child prints appears on this process's stdout and stderr line by line.
 */
export class Child {
  /** The name of the process. */
  readonly name: string
  /** The process id; `undefined` when it could not be started. */
  readonly pid: number | undefined
  readonly #events: ChildEvents
  readonly #process: ChildProcess | undefined
  readonly #stderr: OutputTail | undefined
  readonly #stderrRelay: LineRelay | undefined
  #unsent: Uint8Array[] = []
  #cause: Error | undefined
  #state: 'running' | 'exited' | 'ended' = 'running'

  constructor(boot: BootMessage, started: ChildProcess | Error, events: ChildEvents) {
    this.name = boot.name
    this.#events = events
    if (started instanceof Error) {
      this.#cause = started
      process.nextTick(() => this.#end(null, null))
      return
    }
    if (started.pid === undefined) {
      // Out of descriptors, it has no stdio either.
      started.once('error', (error) => {
        this.#cause = error
        this.#end(null, null)
      })
      return
    }
    this.#process = started
    this.pid = started.pid
    started.on('error', ignore)
    relayLines(readableOf(started, 1), process.stdout)
    this.#stderrRelay = relayLines(readableOf(started, 2), process.stderr)
    this.#stderr = new OutputTail(readableOf(started, 2))
    started.stdio[inputDescriptor]?.on('error', ignore).once('close', () => this.#afterChannelEnd())
    this.#readFrames(readableOf(started, outputDescriptor))
    started.once('exit', (code, signal) => this.#afterExit(code, signal))
    this.send(encodeBootMessage(boot))
  }

  /** Whether the process has not been seen to end. */
  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /**
   * Sends a frame whose payload is the given parts; what is sent in one go of the event loop goes
   * out in one write. Frames for a child that has ended are dropped.
   */
  send(...parts: readonly Uint8Array[]): void {
    if (this.#state !== 'running') return
    this.#unsent.push(encodeFrame(parts, { maxFrameBytes: maxChildFrameBytes }))
    if (this.#unsent.length === 1) process.nextTick(() => this.#flush())
  }

  /**
   * Wakes the child at once with an empty frame, for those who share memory with it; cheaper than
   * `send`.
   */
  ring(): void {
    const input = this.#process?.stdio[inputDescriptor]
    if (this.#state === 'running' && input instanceof Duplex && input.writable) {
      writeAtOnce(input, emptyFrame)
    }
  }

  /** Ends the child because of what it has sent in another way; its exit has this cause. */
  breakOff(cause: Error): void {
    this.#breakOff(cause)
  }

  /**
   * Offers each line that the child prints to stderr from now on to `take`, until another one takes its
   * place; what it takes does not appear on this process's stderr.
   */
  offerStderr(take: TakeLine | undefined): void {
    this.#stderrRelay?.offerTo(take)
  }

  /** Sends a signal; gives whether there was a process to send it to. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return this.#state === 'running' && (this.#process?.kill(signal) ?? false)
  }

  /** Sends SIGTERM, and SIGKILL when the process is still there after `graceMs` (default 500). */
  terminate(graceMs: number = defaultGraceMs): void {
    if (!this.kill('SIGTERM')) return
    const timer = setTimeout(() => this.kill('SIGKILL'), graceMs)
    this.#process?.once('exit', () => clearTimeout(timer))
  }

  #flush(): void {
    const input = this.#process?.stdio[inputDescriptor]
    const frames = this.#unsent
    this.#unsent = []
    if (input instanceof Duplex && input.writable) input.write(Buffer.concat(frames))
  }

  #readFrames(output: Readable): void {
    const decoder = new FrameDecoder({ maxFrameBytes: maxChildFrameBytes })
    output.on('data', (chunk: Buffer) => {
      if (this.#cause !== undefined || this.#state === 'ended') return
      try {
        const frames = decoder.push(chunk)
        if (frames.length > 0) this.#events.onFrames(frames)
        if (decoder.failure !== undefined) this.#breakOff(decoder.failure)
      } catch (error) {
        this.#breakOff(error instanceof Error ? error : new ProtocolError(String(error)))
      }
    })
    output.once('end', () => this.#afterChannelEnd())
    output.once('error', ignore)
  }

  /** The channel ends with the process; when the process does not follow, it is broken. */
  #afterChannelEnd(): void {
    if (this.#state !== 'running') return
    const timer = setTimeout(() => {
      this.#breakOff(new ProtocolError(`process '${this.name}' closed its channel and lives on`))
    }, withoutChannelMs)
    this.#process?.once('exit', () => clearTimeout(timer))
  }

  #breakOff(cause: Error): void {
    this.#cause ??= cause
    this.kill('SIGKILL')
  }

  #afterExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#state = 'exited'
    const outputs = [1, 2, outputDescriptor].map((fd) => endOf(readableOf(this.#process, fd)))
    const timer = setTimeout(() => this.#end(code, signal), lastOutputMs)
    void Promise.all(outputs).then(() => {
      clearTimeout(timer)
      this.#end(code, signal)
    })
  }

  #end(exitCode: number | null, signalCode: NodeJS.Signals | null): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    for (const stream of this.#process?.stdio ?? []) stream?.destroy()
    this.#events.onExit({
      exitCode,
      signalCode,
      stderrTail: this.#stderr?.text() ?? '',
      cause: this.#cause,
    })
  }
}

const emptyFrame = encodeFrame([])

function readableOf(started: ChildProcess | undefined, descriptor: number): Readable {
  const stream = started?.stdio[descriptor]
  if (stream instanceof Duplex) return stream
  throw new TypeError(`descriptor ${descriptor} of the child is not a pipe`)
}

function endOf(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('end', resolve)
    stream.once('close', resolve)
  })
}

function ignore(): void {}
