import { performance } from 'node:perf_hooks'
import { type StartedTimer, startTimer } from '@mpservice/process'
import { type Payload, valuePayload } from './channel/payload.ts'
import { ServerBacklogFullError } from './errors.ts'
import { backlogAges } from './insight/backlog-ages.ts'
import { CallMeter } from './insight/call-meter.ts'
import { callChannel } from './insight/channels.ts'
import { publishCall } from './insight/publish-call.ts'
import type { ServerMetrics } from './insight/server-metrics.ts'
import { type CallEnd, PendingCall, type PendingPlace, type Submission } from './pending-call.ts'
import { PendingCalls } from './pending-calls.ts'
import { placesForStreams } from './places-for-streams.ts'
import { PriorityQueue } from './priority-queue.ts'
import type { ServerInfo } from './server-info.ts'
import { Flight, type FlightEvents } from './stage/flight.ts'
import type { Stage } from './stage/stage.ts'
import { TurnLine } from './turn-line.ts'

/** The places of a server: who has one, who waits for one, and whose time is up. */
export class Backlog implements FlightEvents, PendingPlace {
  readonly #root: Stage
  readonly #waiting = new PriorityQueue<PendingCall, TurnLine>(
    { priorityOf: ({ priority }) => priority, ageOf: ({ startedAt }) => startedAt },
    () => new TurnLine(() => this.#admitsStreams),
  )
  readonly #pending: PendingCalls
  /** What the flights of streams tell. */
  readonly #streamEvents: FlightEvents = {
    onLanded: () => {
      this.#ofStreams--
      this.onLanded()
    },
    onCancel: () => this.onCancel(),
  }
  #capacity: number
  #forStreams: number
  readonly #meter = new CallMeter()
  #inProgress = 0
  /** How many of them are items of streams. */
  #ofStreams = 0
  #lastId = 0
  #isSweeping = false
  #isAdmitting = false
  #isTidying = false
  #onEmpty: (() => void) | undefined

  constructor(root: Stage, capacity: number) {
    this.#root = root
    this.#pending = new PendingCalls(() => root.look())
    this.#capacity = capacity
    this.#forStreams = placesForStreams(capacity)
  }

  get capacity(): number {
    return this.#capacity
  }

  /** More places are taken at once; of fewer, those that are too many when their items have ended. */
  resize(capacity: number): void {
    this.#capacity = capacity
    this.#forStreams = placesForStreams(capacity)
    this.#admit()
  }

  /** How many items are in progress. */
  get size(): number {
    return this.#inProgress
  }

  /** How many calls wait for a place. */
  get waiting(): number {
    let count = 0
    for (const call of this.#pending.all()) if (call.flight === undefined) count++
    return count
  }

  /**
   * Takes a call in.
   *
   * @throws {ServerBacklogFullError} When there is no place and the call does not wait for one.
   * @throws {RangeError} When its time-out is none; also the reason of its signal.
   */
  submit(submission: Submission, waitsForPlace: boolean): PendingCall {
    if (submission.signal?.aborted === true) {
      this.#meter.noteLeft('aborted')
      throw submission.signal.reason
    }
    const { capacity } = this
    const mayHavePlace = submission.source === undefined || this.#admitsStreams
    const hasPlace = mayHavePlace && this.#inProgress < capacity
    if (!hasPlace && !waitsForPlace) {
      this.#meter.noteRejected()
      throw new ServerBacklogFullError({ capacity, backlog: this.#inProgress })
    }
    const call = new PendingCall(submission, this)
    this.#pending.add(call)
    if (hasPlace) this.#launch(call)
    else this.#waiting.push(call)
    return call
  }

  /** Settles every call with an error of its own; what workers still do is dropped. */
  rejectAll(makeError: () => Error): void {
    for (const call of this.#pending.all()) call.leave(makeError(), 'ended')
  }

  /** What is in it now. */
  info(): Pick<ServerInfo, 'capacity' | 'backlog' | 'waiting' | 'ageMs'> {
    const ageMs = backlogAges(this.#pending.all(), performance.now())
    return { capacity: this.capacity, backlog: this.size, waiting: this.waiting, ageMs }
  }

  /** What became of the calls so far. */
  metrics(): Pick<ServerMetrics, 'capacity' | 'backlog' | 'waiting' | 'calls' | 'totalMs'> {
    return {
      capacity: this.capacity,
      backlog: this.size,
      waiting: this.waiting,
      calls: this.#meter.counts(this.#pending.count),
      totalMs: this.#meter.totalMs(),
    }
  }

  /** Waits until every call has its answer, for a limited time; gives whether every call has. */
  async drain(timeoutMs: number): Promise<boolean> {
    if (this.#pending.count === 0) return true
    let timer: StartedTimer | undefined
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
      timer = startTimer(timeoutMs, resolve)
    })
    timer?.stop()
    return this.#pending.count === 0
  }

  #launch(call: PendingCall, hasWaited = false): void {
    this.#inProgress++
    const isOfStream = call.source !== undefined
    if (isOfStream) this.#ofStreams++
    const flight = new Flight(++this.#lastId, call, isOfStream ? this.#streamEvents : this)
    if (hasWaited) flight.movedAt = performance.now()
    call.flight = flight
    // Held from here as well: stages that end at once must not free the place in between.
    flight.hold()
    this.#root.process(flight, valuePayload(call.input), (outcome) => call.answer(outcome))
    flight.release()
  }

  onSettled(call: PendingCall, end: CallEnd, outcome: Payload): void {
    this.#pending.delete(call)
    if (end === 'answered') {
      const tookMs = (call.flight?.movedAt ?? call.startedAt) - call.startedAt
      this.#meter.noteAnswered(outcome.isException, tookMs)
    } else {
      this.#meter.noteLeft(end)
      if (call.flight === undefined) this.#tidyWaitingSoon()
      else call.flight.cancel()
    }
    if (callChannel.hasSubscribers) publishCall(call, end, outcome)
    if (this.#pending.count === 0) this.#onEmpty?.()
  }

  /** The place of a flight is free. */
  onLanded(): void {
    this.#inProgress--
    this.#admit()
  }

  /** A part of a flight's way is cancelled; one sweep serves all of one turn of the event loop. */
  onCancel(): void {
    if (this.#isSweeping) return
    this.#isSweeping = true
    queueMicrotask(() => {
      this.#isSweeping = false
      this.#root.sweep()
    })
  }

  /** Whether streams may have one more place, if there is one. */
  get #admitsStreams(): boolean {
    return this.#ofStreams < this.#forStreams
  }

  /** A loop and not a recursion: an item that ends at once makes a place for the next at once. */
  #admit(): void {
    if (this.#isAdmitting || this.#waiting.length === 0) return
    this.#isAdmitting = true
    try {
      while (this.#inProgress < this.#capacity) {
        const next = this.#waiting.shift()
        if (next === undefined) break
        if (!next.isSettled) this.#launch(next, true)
      }
    } finally {
      this.#isAdmitting = false
    }
  }

  /** What has left while it waited must not be kept until a place is free. */
  #tidyWaitingSoon(): void {
    if (this.#isTidying) return
    this.#isTidying = true
    queueMicrotask(() => {
      this.#isTidying = false
      this.#waiting.keep((call) => !call.isSettled)
    })
  }
}
