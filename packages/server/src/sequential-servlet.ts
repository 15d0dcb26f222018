import { checkServlet, Servlet, type WorkerSpec } from './servlet.ts'
import { SequentialStage } from './stage/sequential-stage.ts'
import type { Stage, StageContext } from './stage/stage.ts'

/** How a sequence is named. */
interface SequentialServletConstructor {
  new <A, B>(first: Servlet<A, B>): SequentialServlet<A, B>
  new <A, B, C>(a: Servlet<A, B>, b: Servlet<B, C>): SequentialServlet<A, C>
  new <A, B, C, D>(a: Servlet<A, B>, b: Servlet<B, C>, c: Servlet<C, D>): SequentialServlet<A, D>
  new <A, B, C, D, E>(
    a: Servlet<A, B>,
    b: Servlet<B, C>,
    c: Servlet<C, D>,
    d: Servlet<D, E>,
  ): SequentialServlet<A, E>
  new <A, B, C, D, E, F>(
    a: Servlet<A, B>,
    b: Servlet<B, C>,
    c: Servlet<C, D>,
    d: Servlet<D, E>,
    e: Servlet<E, F>,
  ): SequentialServlet<A, F>
  new <A, B, C, D, E, F, G>(
    a: Servlet<A, B>,
    b: Servlet<B, C>,
    c: Servlet<C, D>,
    d: Servlet<D, E>,
    e: Servlet<E, F>,
    f: Servlet<F, G>,
  ): SequentialServlet<A, G>
  new <A, B, C, D, E, F, G, H>(
    a: Servlet<A, B>,
    b: Servlet<B, C>,
    c: Servlet<C, D>,
    d: Servlet<D, E>,
    e: Servlet<E, F>,
    f: Servlet<F, G>,
    g: Servlet<G, H>,
  ): SequentialServlet<A, H>
  new <A, B, C, D, E, F, G, H, I>(
    a: Servlet<A, B>,
    b: Servlet<B, C>,
    c: Servlet<C, D>,
    d: Servlet<D, E>,
    e: Servlet<E, F>,
    f: Servlet<F, G>,
    g: Servlet<G, H>,
    h: Servlet<H, I>,
  ): SequentialServlet<A, I>
}

/**
 * Servlets one after the other: the result of each is the input of the next.
 *
 * An exception skips every later servlet. Takes up to eight; nest for more.
 */
export interface SequentialServlet<Input, Output> extends Servlet<Input, Output> {}

/** Its types are the most accommodating ones: the constructor's signatures say the real ones. */
class Sequence extends Servlet<unknown, never> {
  readonly name = 'sequential'
  readonly children: readonly Servlet<never, unknown>[]

  constructor(...children: readonly Servlet<never, unknown>[]) {
    super()
    if (children.length === 0)
      throw new RangeError('a SequentialServlet needs at least one servlet')
    for (const child of children) checkServlet(child, 'a SequentialServlet (a, b, …)')
    this.children = children
  }

  get workers(): readonly WorkerSpec[] {
    return this.children.flatMap((child) => child.workers)
  }

  async startStage(context: StageContext): Promise<Stage> {
    const members = await Promise.all(this.children.map((child) => child.startStage(context)))
    return new SequentialStage(this.name, members)
  }
}

export const SequentialServlet: SequentialServletConstructor = Sequence
