import { getLogger } from '@logtape/logtape'
import { isTimeoutError, settleWithin } from '@mpservice/process'
import { isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import { exceptionPayload, type Payload, valuePayload } from '../channel/payload.ts'
import { WorkerStartError } from '../errors.ts'
import { Fifo } from '../fifo.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { describeThrown } from '../to-error.ts'
import { cleanupMs, type Worker } from '../worker.ts'
import type { Branch } from './flight.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { abandonedPayload, finishTask } from './task.ts'

/** What a stage on the event loop is made from. */
export interface AsyncStagePlan {
  readonly name: string
  readonly concurrency: number
  readonly startTimeoutMs: number
  makeWorker(): Worker<unknown, unknown>
}

interface AsyncTask {
  readonly branch: Branch
  readonly input: Payload
  readonly done: (outcome: Payload) => void
}

/** One worker on the server's own event loop, with several items at a time. */
export class AsyncStage implements Stage {
  readonly takesBytes = false
  readonly #plan: AsyncStagePlan
  readonly #worker: Worker<unknown, unknown>
  readonly #queue = new Fifo<AsyncTask>()
  #running = 0
  #isDispatching = false
  #ending: Promise<void> | undefined

  /** @throws {WorkerStartError} When the worker's constructor or `init` throws or takes too long. */
  static async start(plan: AsyncStagePlan, context: StageContext): Promise<AsyncStage> {
    let stage: AsyncStage | undefined
    let initialized: Promise<void> | undefined
    // What `init` opens must be open before it can be cleaned up.
    context.onUndo(async () => {
      await initialized?.catch(() => undefined)
      await stage?.close()
    })
    try {
      const worker = plan.makeWorker()
      stage = new AsyncStage(plan, worker)
      const { startTimeoutMs } = plan
      initialized = settleWithin(initialize(worker), 'start', { timeoutMs: startTimeoutMs })
      await initialized
      return stage
    } catch (cause) {
      if (stage !== undefined) await stage.#end(cause)
      const reason = isTimeoutError(cause) && cause.phase === 'start' ? 'timeout' : 'threw'
      const facts = { workerName: `${plan.name}-0`, reason, detail: describeThrown(cause) } as const
      throw new WorkerStartError(facts, { cause })
    }
  }

  private constructor(plan: AsyncStagePlan, worker: Worker<unknown, unknown>) {
    this.#plan = plan
    this.#worker = worker
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    const kept = input.keep()
    branch.flight.hold()
    this.#queue.push({ branch, input: kept, done })
    this.#dispatch()
  }

  sweep(): void {
    for (const task of this.#queue.keep(({ branch }) => !branch.isCancelled)) {
      finishTask(task, abandonedPayload)
    }
  }

  isReady(): boolean {
    return this.#ending === undefined
  }

  debugInfo(): StageInfo {
    return {
      name: this.#plan.name,
      kind: 'async',
      queued: this.#queue.length,
      running: this.#running,
    }
  }

  close(): Promise<void> {
    return this.#end()
  }

  /** Running calls cannot be stopped; what comes of them is dropped. */
  async kill(): Promise<void> {
    for (const task of this.#queue.keep(() => false)) finishTask(task, abandonedPayload)
    await this.#end()
  }

  #end(error?: unknown): Promise<void> {
    this.#ending ??= this.#cleanUp(error)
    return this.#ending
  }

  async #cleanUp(error: unknown): Promise<void> {
    const cleanedUp = (async () => this.#worker.cleanup(error))()
    try {
      await settleWithin(cleanedUp, 'cleanup', { timeoutMs: cleanupMs })
    } catch (failure) {
      getLogger(['mpservice', 'server']).error('cleanup of worker {name} failed: {failure}', {
        name: this.#worker.name,
        failure,
      })
    }
  }

  /** A loop and not a recursion: an item that ends at once makes room for the next at once. */
  #dispatch(): void {
    if (this.#isDispatching) return
    this.#isDispatching = true
    try {
      while (this.#running < this.#plan.concurrency) {
        const task = this.#queue.shift()
        if (task === undefined) break
        this.#run(task)
      }
    } finally {
      this.#isDispatching = false
    }
  }

  #run(task: AsyncTask): void {
    const { branch, input } = task
    if (branch.isCancelled) {
      finishTask(task, abandonedPayload)
      return
    }
    this.#running++
    const finish = (outcome: Payload): void => {
      this.#running--
      finishTask(task, outcome)
      this.#dispatch()
    }
    const outcome = this.#call(branch, input)
    if (outcome instanceof Promise) void outcome.then(finish)
    else finish(outcome)
  }

  #call(branch: Branch, input: Payload): Payload | Promise<Payload> {
    try {
      const item = { deadline: branch.flight.deadline, attempt: 1 }
      const result = this.#worker.call(input.value(), item)
      // Promises of user code may settle twice; Node's own do not.
      return isPromiseLike(result)
        ? Promise.resolve(result).then(outcomeOf, exceptionPayload)
        : outcomeOf(result)
    } catch (error) {
      return exceptionPayload(error)
    }
  }
}

async function initialize(worker: Worker<unknown, unknown>): Promise<void> {
  await worker.init()
}

function outcomeOf(value: unknown): Payload {
  return isRemoteExceptionWrapper(value) ? exceptionPayload(value.error) : valuePayload(value)
}
