import { parseArgs } from 'node:util'

/** What one start of the program was asked for. */
export interface ReportOptions {
  /** The folder to report on, as given; `undefined` is this repository with its dependencies. */
  readonly folder: string | undefined
  /** Where the report goes, as given. */
  readonly out: string
  /** Processes of each member of the ensemble; `undefined` spreads them over all CPUs. */
  readonly processes: number | undefined
  /** Whether to run twice, first with one process per member, and compare the times. */
  readonly compare: boolean
  /** Only this many files, the first ones in order. */
  readonly maxFiles: number | undefined
}

/** What the arguments ask for: a report, or to be told how to use the program. */
export type Invocation =
  | { readonly kind: 'report'; readonly options: ReportOptions }
  | { readonly kind: 'help' }

/** The arguments make no sense, or the folders they name cannot be used; the program exits with 2. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError'
  }
}

/** How to use the program. */
export const helpText = `Usage: code-report [folder] [options]

Streams every source file of a folder through a pipeline of processes (syntax highlighting,
parsing, token statistics) and writes an HTML report. Without a folder it reports on the
repository it belongs to and on the packages that this repository depends on.

Options:
  --out DIR       where the report goes (default: code-report-output)
  --processes N   processes for each of highlight, parse and tokens
                  (default: spread over all CPUs)
  --compare       run with 1 process each and with all CPUs, print both times and the ratio
  --max-files N   only the first N files
  --help          show this text
`

const optionTypes = {
  out: { type: 'string' },
  processes: { type: 'string' },
  compare: { type: 'boolean' },
  'max-files': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Reads the arguments after the program's name.
 *
 * @throws {UsageError} For an unknown option, a value that is missing or no whole number in range,
 *   a second folder, and for `--compare` together with `--processes`.
 */
export function parseOptions(args: readonly string[]): Invocation {
  const { values, positionals } = parse(args)
  if (values.help === true) return { kind: 'help' }
  if (positionals.length > 1) {
    throw new UsageError(
      `one folder is expected, but ${positionals.length} were given: ${positionals.join(', ')}`,
    )
  }
  const [folder] = positionals
  if (folder === '') throw new UsageError('the folder is empty')
  if (values.out === '') throw new UsageError('--out needs a folder')
  const compare = values.compare ?? false
  const processes = wholeNumber('--processes', values.processes, 256)
  if (compare && processes !== undefined) {
    throw new UsageError('--compare chooses the numbers of processes itself; leave out --processes')
  }
  return {
    kind: 'report',
    options: {
      folder,
      out: values.out ?? 'code-report-output',
      processes,
      compare,
      maxFiles: wholeNumber('--max-files', values['max-files'], 10_000_000),
    },
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // The advice in Node's message ("place it at the end after '--'") misleads here.
    const [fact] = error.message.split(/\. To specify|\n/)
    throw new UsageError(`${lowerFirst(fact ?? error.message)} (--help shows the options)`, {
      cause: error,
    })
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function wholeNumber(option: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value
  throw new UsageError(`${option} needs a whole number from 1 to ${max}, not "${text}"`)
}
