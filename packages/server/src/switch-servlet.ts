import { checkOptions } from '@mpservice/process'
import type { MemberInput } from './ensemble-servlet.ts'
import { checkServlet, Servlet, type ServletOutput, type WorkerSpec } from './servlet.ts'
import type { Stage, StageContext } from './stage/stage.ts'
import { SwitchStage } from './stage/switch-stage.ts'

/** How a switch is named. */
export interface SwitchServletOptions {
  /** The name of the servlet. Default: `switch`. */
  readonly name?: string | undefined
}

/** What some member takes, as far as `select` takes it. */
export type SwitchInput<Members extends readonly Servlet<never, unknown>[], Selected> =
  AnyInput<Members> extends Selected
    ? AnyInput<Members>
    : Selected extends AnyInput<Members>
      ? Selected
      : never

/** What any of the members gives. */
export type SwitchOutput<Members extends readonly Servlet<never, unknown>[]> = ServletOutput<
  Members[number]
>

type AnyInput<Members extends readonly Servlet<never, unknown>[]> = {
  [Index in keyof Members]: MemberInput<Members[Index]>
}[number]

/** Nothing to add, or what stands in the compiler's message. */
type Selectable<Members extends readonly Servlet<never, unknown>[], Selected> = [
  SwitchInput<Members, Selected>,
] extends [never]
  ? { readonly problem: 'no member takes what select takes' }
  : unknown

/**
 * Servlets of which each item goes to exactly one: the one whose index `select` gives for the item.
 *
 * It takes what `select` takes, by default what any of its members takes, and gives what they give.
 *
 * @example
 *   new SwitchServlet([new ProcessServlet(ReadJson), new ProcessServlet(ReadXml)], (text: string) =>
 *     text.startsWith('<') ? 1 : 0,
 *   )
 */
export class SwitchServlet<
  const Members extends readonly Servlet<never, unknown>[],
  Selected = AnyInput<Members>,
> extends Servlet<SwitchInput<Members, Selected>, SwitchOutput<Members>> {
  readonly name: string
  readonly children: Members
  readonly #select: (input: never) => number

  /**
   * @param select - Runs on the server's event loop, for each item, and must be quick. It gets the value
   *   itself and must not change it. When it throws, or gives no index of a member (`RangeError`), that
   *   item fails alone. Items that have failed before never reach it.
   * @throws {TypeError} When a member is no servlet, `select` is no function, or there is no option of a
   *   name.
   * @throws {RangeError} When there are no members.
   */
  constructor(
    members: Members,
    select: ((input: Selected) => number) & Selectable<Members, Selected>,
    options: SwitchServletOptions = {},
  ) {
    super()
    if (!Array.isArray(members)) throw new TypeError('a SwitchServlet takes a list: [a, b, …]')
    for (const member of members) checkServlet(member, 'a SwitchServlet')
    if (typeof select !== 'function') {
      throw new TypeError('a SwitchServlet takes a function that gives the index of a member')
    }
    checkOptions(options, ['name'], 'SwitchServlet')
    if (members.length === 0) throw new RangeError('a SwitchServlet needs at least one servlet')
    this.children = members
    this.name = options.name ?? 'switch'
    this.#select = select
  }

  get workers(): readonly WorkerSpec[] {
    return this.children.flatMap((child) => child.workers)
  }

  async startStage(context: StageContext): Promise<Stage> {
    const members = await Promise.all(this.children.map((child) => child.startStage(context)))
    // What comes in is what the type of this servlet says; nothing can check that here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return new SwitchStage(this.name, members, this.#select as (input: unknown) => unknown)
  }
}
