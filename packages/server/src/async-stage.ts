import { getLogger } from '@logtape/logtape'
import { isRemoteExceptionWrapper } from '@mpservice/remote-exception'
import { Fifo } from './fifo.ts'
import type { Branch } from './flight.ts'
import { isPromiseLike } from './is-promise-like.ts'
import { exceptionPayload, type Payload, valuePayload } from './payload.ts'
import type { Stage, StageContext, StageInfo } from './stage.ts'
import { abandonedPayload } from './task.ts'
import type { Worker } from './worker.ts'

/** What a stage on the event loop is made from. */
export interface AsyncStagePlan {
  readonly name: string
  readonly concurrency: number
  makeWorker(): Worker<unknown, unknown>
}

interface AsyncTask {
  readonly branch: Branch
  readonly input: Payload
  readonly done: (outcome: Payload) => void
}

/** One worker on the server's own event loop, with several items at a time. */
export class AsyncStage implements Stage {
  readonly #plan: AsyncStagePlan
  readonly #worker: Worker<unknown, unknown>
  readonly #queue = new Fifo<AsyncTask>()
  #running = 0
  #isEnded = false

  static async start(plan: AsyncStagePlan, context: StageContext): Promise<AsyncStage> {
    const worker = plan.makeWorker()
    const stage = new AsyncStage(plan, worker)
    context.onUndo(() => stage.close())
    await worker.init()
    return stage
  }

  private constructor(plan: AsyncStagePlan, worker: Worker<unknown, unknown>) {
    this.#plan = plan
    this.#worker = worker
  }

  process(branch: Branch, input: Payload, done: (outcome: Payload) => void): void {
    branch.flight.hold()
    const task = { branch, input, done }
    if (this.#running < this.#plan.concurrency) this.#run(task)
    else this.#queue.push(task)
  }

  sweep(): void {
    for (const task of this.#queue.keep(({ branch }) => !branch.isCancelled)) {
      task.done(abandonedPayload)
      task.branch.flight.release()
    }
  }

  isReady(): boolean {
    return !this.#isEnded
  }

  debugInfo(): StageInfo {
    return {
      name: this.#plan.name,
      kind: 'async',
      queued: this.#queue.length,
      running: this.#running,
    }
  }

  async close(): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    try {
      await this.#worker.cleanup()
    } catch (error) {
      getLogger(['mpservice', 'server']).error('cleanup of worker {name} failed: {error}', {
        name: this.#worker.name,
        error,
      })
    }
  }

  /** Running calls cannot be stopped; what comes of them is dropped. */
  async kill(): Promise<void> {
    for (const task of this.#queue.keep(() => false)) {
      task.done(abandonedPayload)
      task.branch.flight.release()
    }
    await this.close()
  }

  #run(task: AsyncTask): void {
    this.#running++
    const { branch, input, done } = task
    const finish = (outcome: Payload): void => {
      this.#running--
      done(outcome)
      branch.flight.release()
      const next = this.#queue.shift()
      if (next !== undefined) this.#run(next)
    }
    if (branch.isCancelled) {
      finish(abandonedPayload)
      return
    }
    try {
      const item = { deadline: branch.flight.deadline, attempt: 1 }
      const result = this.#worker.call(input.value(), item)
      if (isPromiseLike(result)) {
        result.then(
          (value) => finish(outcomeOf(value)),
          (error: unknown) => finish(exceptionPayload(error)),
        )
      } else {
        finish(outcomeOf(result))
      }
    } catch (error) {
      finish(exceptionPayload(error))
    }
  }
}

function outcomeOf(value: unknown): Payload {
  return isRemoteExceptionWrapper(value) ? exceptionPayload(value.error) : valuePayload(value)
}
