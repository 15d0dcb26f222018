import type { Stage, StageContext } from './stage/stage.ts'

/** One worker of a servlet, as it will be started. */
export interface WorkerSpec {
  /** The number of the worker in its servlet, from 0. */
  readonly workerIndex: number
  /** The name of the worker. */
  readonly name: string
  /** The CPUs that it is pinned to; `null` for none. */
  readonly cpuAffinity: readonly number[] | null
}

/**
 * What is to be done with an item: a plain specification that a server starts.
 *
 * Servlets compose freely. One can be started again after its server has ended; for a second server at
 * the same time, or a second place in the same one, make a second servlet.
 */
// The parameters exist to be inferred from, in `flow`.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export abstract class Servlet<Input, Output> {
  /** Exists only as a type: what goes in and what comes out. */
  declare readonly flow?: (input: Input) => Output
  /** The name, for messages and metrics. */
  abstract readonly name: string
  /** The servlets that this one is composed of; empty for a simple one. */
  abstract readonly children: readonly Servlet<never, unknown>[]
  /** All workers of this servlet and of its children, in order. */
  abstract readonly workers: readonly WorkerSpec[]
  /**
   * Starts the workers; resolves when all are ready, and rejects when one is not. For servers and
   * compound servlets: users call `Server.start`.
   */
  abstract startStage(context: StageContext): Promise<Stage>
}

/** @throws {TypeError} When a value is no servlet; a worker class is not one yet. */
export function checkServlet(value: unknown, where: string): void {
  if (typeof value === 'object' && value !== null && 'startStage' in value) return
  const what = typeof value === 'function' ? 'a class' : Array.isArray(value) ? 'a list' : 'a value'
  throw new TypeError(`${where} takes servlets, such as new ProcessServlet(MyWorker), not ${what}`)
}

/** What a servlet takes. */
export type ServletInput<Spec> = Spec extends Servlet<infer Input, unknown> ? Input : never

/** What a servlet gives. */
export type ServletOutput<Spec> = Spec extends Servlet<never, infer Output> ? Output : never

/** The options of a servlet, which may be left out when the worker needs no `args`. */
export type ServletArguments<Options, Args> = undefined extends Args
  ? [options?: Options]
  : [options: Options & { readonly args: Args }]
