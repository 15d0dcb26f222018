import { performance } from 'node:perf_hooks'
import { FailedPayload } from '../channel/failed-payload.ts'
import { nameEncodeError } from '../channel/name-encode-error.ts'
import { exceptionPayload, type Payload } from '../channel/payload.ts'
import { ReceivedPayload } from '../channel/received-payload.ts'
import type { StageMeter } from '../insight/stage-meter.ts'
import type { SentTask } from '../link/worker-link.ts'
import type { Batch } from './batch.ts'
import type { Branch } from './flight.ts'

/** An item in one stage: its way, and whom to tell the outcome. */
export interface StageTask {
  readonly branch: Branch
  readonly done: (outcome: Payload) => void
}

/** An item in a stage of workers. */
export class Task implements StageTask, SentTask {
  readonly branch: Branch
  readonly done: (outcome: Payload) => void
  /** Which attempt this is, from 1. */
  attempt = 1
  /** How workers ended that may have ended because of it. */
  deaths: Error[] | undefined
  /** The input; kept until the item has ended, since a worker may die before it has begun it. */
  input: Payload
  release: (() => void) | undefined
  position = 0
  claimWord = 0
  /** The items that it has gone to its worker with, in a stage that forms batches. */
  batch: Batch | undefined
  /** When it came to the stage, on the clock of `performance.now()`. */
  cameAt: number
  /** When its worker was first seen at it, on the same clock; 0 for not yet. */
  seenBegunAt = 0
  /** Whether its worker knows that nobody waits for it any more, or need not know. */
  isGivenUp = false

  constructor(branch: Branch, input: Payload, done: (outcome: Payload) => void) {
    this.branch = branch
    this.input = input
    this.done = done
    this.deaths = undefined
    this.cameAt = branch.flight.movedAt
    this.release = undefined
    this.batch = undefined
  }

  /** Its worker has ended: it will be worked on again by another one. */
  beginAgain(): void {
    this.attempt++
    this.seenBegunAt = 0
    this.batch = undefined
    this.bringHome()
  }

  /** Copies the input from memory that is shared with a worker that is gone. */
  bringHome(): void {
    if (this.release === undefined) return
    this.release = undefined
    try {
      const bytes = Buffer.from(this.input.bytes())
      this.input = new ReceivedPayload(bytes, 0, bytes.length, true)
    } catch (error) {
      // There is no memory for it: the item fails with this when it is sent again.
      this.input = new FailedPayload(error)
    }
  }
}

/** Tells the outcome of a task, and that its stage holds the item no longer. */
export function finishTask(task: StageTask, outcome: Payload): void {
  try {
    task.done(outcome)
  } finally {
    task.branch.flight.release()
  }
}

/** Lets go of a task that was not begun and that nobody waits for any more. */
export function skipTask(task: StageTask, meter: StageMeter): void {
  meter.noteSkipped()
  finishTask(task, abandonedPayload)
}

/** Tells that a task could not be given to a worker of a stage. */
export function failUnsent(
  task: StageTask,
  error: unknown,
  stageName: string,
  meter: StageMeter,
): void {
  failTask(task, nameEncodeError(error, `input of '${stageName}'`), meter)
}

/** Tells that a task has failed without an answer of a worker. */
export function failTask(task: StageTask, error: unknown, meter: StageMeter): void {
  meter.noteFailed()
  task.branch.flight.movedAt = performance.now()
  finishTask(task, exceptionPayload(error))
}

/** The outcome of an item that nobody waits for any more; nobody sees it. */
export const abandonedPayload: Payload = exceptionPayload(new Error('the item was abandoned'))
