import { checkOptions } from '@mpservice/process'
import {
  checkServlet,
  Servlet,
  type ServletInput,
  type ServletOutput,
  type WorkerSpec,
} from './servlet.ts'
import { EnsembleStage } from './stage/ensemble-stage.ts'
import type { Stage, StageContext } from './stage/stage.ts'

/** How an ensemble deals with members that fail. */
export interface EnsembleServletOptions<FailFast extends boolean> {
  /**
   * `true`: the first failure of a member fails the item with `EnsembleError`. `false`: errors stand
   * in the tuple in the place of results, and only when all members have failed the item fails.
   * Default: `true`.
   */
  readonly failFast?: FailFast | undefined
  /** The name of the servlet. Default: `ensemble`. */
  readonly name?: string | undefined
}

/** What every member takes. */
export type EnsembleInput<Members extends readonly Servlet<never, unknown>[]> = IntersectionOf<
  { [Index in keyof Members]: (input: MemberInput<Members[Index]>) => void }[number]
>

/** What a member takes: a function without parameters is inferred to take `never`; it takes anything. */
export type MemberInput<Member> = [ServletInput<Member>] extends [never]
  ? unknown
  : ServletInput<Member>

/** A tuple of what each member gives. */
export type EnsembleOutput<
  Members extends readonly Servlet<never, unknown>[],
  FailFast extends boolean,
> = {
  -readonly [Index in keyof Members]:
    | ServletOutput<Members[Index]>
    | (FailFast extends true ? never : Error)
}

/** Nothing to add, or what stands in the compiler's message. */
type Combinable<Members extends readonly Servlet<never, unknown>[]> = [
  EnsembleInput<Members>,
] extends [never]
  ? { readonly problem: 'there is nothing that all members take' }
  : unknown

type IntersectionOf<Functions> = [Functions] extends [(input: infer Input) => void] ? Input : never

/**
 * Servlets side by side: each gets the item, and the result is the tuple of their results, in the
 * order of the members.
 *
 * @example
 *   new EnsembleServlet([new ProcessServlet(GetHead), new ProcessServlet(GetTail)])
 */
export class EnsembleServlet<
  const Members extends readonly Servlet<never, unknown>[],
  const FailFast extends boolean = true,
> extends Servlet<EnsembleInput<Members>, EnsembleOutput<Members, FailFast>> {
  readonly name: string
  readonly children: Members
  readonly #failFast: boolean

  /**
   * @throws {TypeError} When a member is no servlet, or there is no option of a name.
   * @throws {RangeError} When there are no members.
   */
  constructor(
    members: Members & Combinable<Members>,
    options: EnsembleServletOptions<FailFast> = {},
  ) {
    super()
    if (!Array.isArray(members)) throw new TypeError('an EnsembleServlet takes a list: [a, b, …]')
    for (const member of members) checkServlet(member, 'an EnsembleServlet')
    checkOptions(options, ['failFast', 'name'], 'EnsembleServlet')
    if (members.length === 0) throw new RangeError('an EnsembleServlet needs at least one servlet')
    this.children = members
    this.name = options.name ?? 'ensemble'
    this.#failFast = options.failFast ?? true
  }

  get workers(): readonly WorkerSpec[] {
    return this.children.flatMap((child) => child.workers)
  }

  async startStage(context: StageContext): Promise<Stage> {
    const members = await Promise.all(this.children.map((child) => child.startStage(context)))
    return new EnsembleStage(this.name, members, this.#failFast)
  }
}
