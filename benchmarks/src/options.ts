import { parseArgs } from 'node:util'
import { selectByNames } from './selection.ts'
import { type VariantEntry, variants } from './variants.ts'
import type { Workload } from './workload.ts'
import { workloads } from './workloads.ts'

/** What is to be measured, and how. */
export interface BenchOptions {
  readonly variants: readonly VariantEntry[]
  readonly workloads: readonly Workload[]
  /** How often everything is measured. */
  readonly rounds: number
  /** The length of one measurement. */
  readonly seconds: number
  /** Where the results go, as given; `undefined` writes none. */
  readonly out: string | undefined
  /** Whether this is only to see that everything answers rightly. */
  readonly isSmoke: boolean
}

/** What the arguments ask for. */
export type Invocation =
  | { readonly kind: 'bench'; readonly options: BenchOptions }
  | { readonly kind: 'help' }

/** The arguments make no sense; the program exits with 2. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError'
  }
}

/** Where results go when nothing else is said: a folder that is not under version control. */
export const defaultOut = 'results'

/** One workload for each kind of value and of task; the others send the same ones. */
const smokeWorkloads =
  'noop-latency,nested,echo-1m,echo-16m,stream,three-stages,ensemble,cpu,memory,idle-cpu'

/** How to use the program. */
export const helpText = `Usage: bench [options]

Measures mpservice beside other worker pools and beside what Node's own means can do: every variant
in a process of its own, round after round. Prints medians and writes results.json, results.md and
a chart for each workload.

Options:
  --only LIST      only these workloads (names or their beginnings: noop,echo-1m)
  --variants LIST  only these variants (mpservice-process,piscina,raw)
  --rounds N       how often everything is measured (default: 5)
  --seconds S      the length of one measurement (default: 1)
  --out DIR        where the results go (default: benchmarks/results)
  --smoke          a glance at every variant, to see whether it answers rightly in
                   ${smokeWorkloads};
                   no figures, and no files unless --out is given
  --help           show this text

Workloads:
${workloads.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n')}

Variants:
${variants.map(({ name, origin, kind }) => `  ${name.padEnd(20)} ${origin}, ${kind}`).join('\n')}
`

const optionTypes = {
  only: { type: 'string' },
  variants: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  out: { type: 'string' },
  smoke: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Reads the arguments after the program's name.
 *
 * @throws {UsageError} For an unknown option, variant or workload, and for numbers out of range.
 */
export function parseOptions(args: readonly string[]): Invocation {
  const values = parse(args)
  if (values.help === true) return { kind: 'help' }
  const isSmoke = values.smoke ?? false
  if (values.out === '') throw new UsageError('--out needs a folder')
  return {
    kind: 'bench',
    options: {
      variants: select('--variants', variants, values.variants),
      workloads: select('--only', workloads, values.only ?? (isSmoke ? smokeWorkloads : undefined)),
      rounds: wholeNumber('--rounds', values.rounds, isSmoke ? 1 : 5),
      seconds: duration('--seconds', values.seconds, isSmoke ? 0.01 : 1),
      out: values.out ?? (isSmoke ? undefined : defaultOut),
      isSmoke,
    },
  }
}

function parse(args: readonly string[]) {
  try {
    // pnpm passes the dashes on that npm would take away.
    const own = args[0] === '--' ? args.slice(1) : [...args]
    return parseArgs({ args: own, options: optionTypes }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(`${error.message} (--help shows the options)`, { cause: error })
  }
}

function select<Item extends { readonly name: string }>(
  option: string,
  items: readonly Item[],
  list: string | undefined,
): readonly Item[] {
  if (list === undefined) return items
  try {
    return selectByNames(items, list)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(`${option}: ${error.message}`, { cause: error })
  }
}

function wholeNumber(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= 1000) return value
  throw new UsageError(`${option} needs a whole number from 1 to 1000, not "${text}"`)
}

function duration(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (/^\d*\.?\d+$/.test(text) && value >= 0.01 && value <= 600) return value
  throw new UsageError(`${option} needs a number from 0.01 to 600, not "${text}"`)
}
