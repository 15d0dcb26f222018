import {
  type Child,
  firstInheritedDescriptor,
  launchChild,
  type LaunchOptions,
} from '@mpservice/process'
import type { SharedMemory } from '@mpservice/shared-memory'
import type { ResolvedLimits } from '../channel/channel-limits.ts'
import { createChannelMemory } from '../channel/create-channel-memory.ts'
import { FrameView } from '../channel/frame-view.ts'
import {
  encodeHeader,
  type FrameHeader,
  frameKind,
  headerBytes,
  moreOfBatch,
  plainHeader,
} from '../channel/frame.ts'
import { MappedBlocks } from '../channel/mapped-blocks.ts'
import { ReceivedPayload } from '../channel/received-payload.ts'
import { encodeSetup, type WorkerSetup } from '../channel/worker-setup.ts'
import { arrivalClock } from '../insight/arrival-clock.ts'
import { ProcessInspector } from '../inspect/process-inspector.ts'
import { ServerEnd } from './server-end.ts'
import type { SentTask, WorkerLink, WorkerLinkEvents } from './worker-link.ts'

/** What a link to a worker in a process of its own is made from. */
export interface ProcessLinkOptions {
  readonly setup: WorkerSetup
  /** The encoded `args` of the worker. */
  readonly args: Uint8Array
  readonly launch: LaunchOptions
}

/**
 * A link to a worker in a process of its own: frames travel in shared memory, and a pipe carries
 * the doorbell. Where memory cannot be shared, on either side, frames travel on the pipe.
 */
export class ProcessLink implements WorkerLink {
  readonly #child: Child
  readonly #inspector: ProcessInspector
  readonly #events: WorkerLinkEvents
  readonly #memory: SharedMemory | undefined
  readonly #shared: ServerEnd | undefined
  readonly #frame = new FrameView()
  readonly #payload = new ReceivedPayload(Buffer.alloc(0), 0, 0, false)
  /** Whether the worker has told by pipe that it is ready, and so reads no shared memory. */
  #isOnPipe = false
  /** On a pipe, the newest task of a batch waits until it is known whether it is the last. */
  #heldBack: { readonly header: FrameHeader; readonly bytes: Buffer } | undefined

  constructor({ setup, args, launch }: ProcessLinkOptions, events: WorkerLinkEvents) {
    this.#events = events
    this.#memory = createChannelMemory(setup.limits.ringBytes)
    this.#shared = this.#memory && this.#openEnd(this.#memory, setup.limits)
    const { name } = setup.context
    // Where it is when this package is built.
    const program = new URL('./worker-main.js', import.meta.url)
    const descriptors = this.#memory === undefined ? [] : [this.#memory.fd]
    try {
      this.#child = launchChild(
        name,
        program,
        { ...launch, descriptors },
        {
          onFrames: (frames) => this.#receive(frames),
          onExit: (exit) => {
            this.#shared?.drain()
            events.onExit(exit)
            this.#inspector.end()
            this.#close()
          },
        },
      )
    } catch (error) {
      this.#close()
      throw error
    }
    this.#inspector = new ProcessInspector(this.#child, setup.inspect !== undefined)
    this.#child.send(encodeSetup({ ...setup, memory: this.#handle() }))
    this.#child.send(args)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get inspectUrl(): string | undefined {
    return this.#inspector.url
  }

  trySend(header: FrameHeader, task: SentTask): boolean {
    if (this.#end !== undefined) return this.#end.trySend(header, task)
    // Getters of a value may send others meanwhile, by the same header.
    const own = { ...header }
    // What is on a pipe is lost with its reader, and the memory that it came from is used again.
    task.input = task.input.freeze()
    // Before anything is sent: a value that cannot be carried throws here.
    const bytes = task.input.bytes()
    this.#sendHeldBack()
    if ((own.flags & moreOfBatch) === 0) this.#child.send(encodeHeader(own), bytes)
    else this.#heldBack = { header: own, bytes }
    return true
  }

  endBatch(): void {
    if (this.#end !== undefined) this.#end.endBatch()
    else this.#sendHeldBack(~moreOfBatch)
  }

  tryStop(header: FrameHeader): boolean {
    // Before it is ready, nobody knows where the worker reads; a frame in the other place does no harm.
    this.#child.send(encodeHeader(header))
    return this.#end?.tryStop(header) ?? true
  }

  get isAwake(): boolean {
    return this.#end?.isAwake ?? false
  }

  get canWithdraw(): boolean {
    return this.#end !== undefined
  }

  tryWithdraw(task: SentTask): boolean {
    return this.#end?.tryWithdraw(task) ?? false
  }

  hasBegun(task: SentTask, canHaveBegun: boolean): boolean {
    return this.#end?.hasBegun(task) ?? canHaveBegun
  }

  abandon(id: number, epoch: number): void {
    if (this.#end !== undefined) this.#end.abandon(id)
    else this.#child.send(encodeHeader({ ...plainHeader(frameKind.cancel, epoch), id }))
  }

  forgetAbandoned(id: number): void {
    this.#end?.forgetAbandoned(id)
  }

  flush(isBusy: boolean): void {
    this.#end?.flush(isBusy)
  }

  spin(): void {
    this.#end?.spin()
  }

  lookForFrames(): void {
    this.#end?.drain()
  }

  takeStack(): Promise<string> {
    return this.#inspector.takeStack()
  }

  kill(): void {
    this.#child.kill()
  }

  terminate(): void {
    this.#child.terminate()
  }

  #sendHeldBack(flags = ~0): void {
    if (this.#heldBack === undefined) return
    const { header, bytes } = this.#heldBack
    this.#heldBack = undefined
    this.#child.send(encodeHeader({ ...header, flags: header.flags & flags }), bytes)
  }

  /** Where frames go, unless it is the pipe. */
  get #end(): ServerEnd | undefined {
    return this.#isOnPipe ? undefined : this.#shared
  }

  #openEnd(memory: SharedMemory, limits: ResolvedLimits): ServerEnd {
    return new ServerEnd({
      memory: memory.buf,
      blocks: new MappedBlocks(),
      maxBlockBytes: limits.blockBytes,
      ringDoorbell: () => this.#child.ring(),
      events: this.#events,
      onBroken: (error) => this.#child.breakOff(error),
    })
  }

  #handle(): WorkerSetup['memory'] {
    if (this.#memory === undefined) return undefined
    return { handle: this.#memory.handle, fd: firstInheritedDescriptor }
  }

  /** An empty frame is the doorbell of the shared memory. */
  #receive(frames: readonly Uint8Array[]): void {
    arrivalClock.read()
    let hasRung = false
    for (const frame of frames) {
      if (frame.length === 0) {
        hasRung = true
        continue
      }
      const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
      this.#frame.show(bytes, 0, bytes.length)
      this.#payload.show(bytes, headerBytes, bytes.length)
      if (this.#frame.kind === frameKind.ready) this.#isOnPipe = true
      this.#events.onFrame(this.#frame, this.#payload)
    }
    if (hasRung) this.#shared?.drain()
    if (this.#isOnPipe) this.#events.onBatch()
  }

  #close(): void {
    this.#shared?.close()
    this.#memory?.close()
  }
}
